import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PolicyError, parsePolicy } from '../../src/policy/document.ts'
import { runsOf } from '../runs.ts'

const valid = { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' }
const withChange = (change: object) => ({ Statement: [valid, { ...valid, ...change }] })
const without = (field: keyof typeof valid) => {
  const { [field]: _, ...rest } = valid
  return { Statement: [valid, rest] }
}

describe('a document is refused with the name of the field that is wrong', () => {
  test.each([
    ['Statement is missing', {}],
    ['The policy must be an object', 7],
    ['The policy is not valid JSON', '{'],
    ['Version must be 2012-10-17 or 2008-10-17', { Version: '2012-10-18', Statement: [] }],
    ['Statement[1].Action is missing', without('Action')],
    ['Statement[1].Effect is missing', without('Effect')],
    ['Statement[1].Resource is missing', without('Resource')],
    ['Statement[1].Effect must be Allow or Deny', withChange({ Effect: 'allow' })],
    ['Statement[1].Actions is not an element of a policy', withChange({ Actions: [] })],
    ['Statement[1].Action is empty', withChange({ Action: [] })],
    ['Statement[1].Action[0] must be * or like service:Action', withChange({ Action: 'Publish' })],
    ['Statement[1].NotAction cannot be used together with Action', withChange({ NotAction: 'sns:*' })],
    ['Statement[1].Resource[0] must be * or an ARN of six parts', withChange({ Resource: 'arn:aws:sns:*' })],
    ['Statement[1].Resource[1] must be a string', withChange({ Resource: ['*', { Ref: 'Topic' }] })],
    ['Statement[1].Principal is not allowed in this kind of policy', withChange({ Principal: '*' })],
    [
      'Statement[1].Condition must be an object of condition names',
      JSON.parse(
        '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"__proto__":{}}}]}',
      ),
    ],
    [
      'Statement[1].Condition.Bool.aws:SecureTransport is empty',
      withChange({ Condition: { Bool: { 'aws:SecureTransport': [] } } }),
    ],
    [
      'Statement[1].Sid repeats the Sid of Statement[0]',
      {
        Statement: [
          { ...valid, Sid: 'A' },
          { ...valid, Sid: 'A' },
        ],
      },
    ],
  ])('%s', (message, document) => {
    expect(() => parsePolicy(document, 'identity')).toThrow(message)
    expect(() => parsePolicy(document, 'identity')).toThrow(PolicyError)
  })

  test('a statement with NotPrincipal cannot allow', () => {
    const one = { Effect: 'Allow', NotPrincipal: '*', Action: 'sns:Publish', Resource: '*' }
    expect(() => parsePolicy({ Statement: one }, 'resource')).toThrow(
      'Statement[0].NotPrincipal cannot be used with Effect Allow',
    )
  })

  test('a principal cannot have a partial wildcard', () => {
    const one = { ...valid, Principal: { AWS: 'arn:aws:iam::123456789012:role/*' } }
    expect(() => parsePolicy({ Statement: one }, 'resource')).toThrow(
      'Statement[0].Principal.AWS[0] must be * or a principal without wildcards',
    )
  })

  test('a trust policy has no resource and needs a principal', () => {
    expect(() => parsePolicy({ Statement: valid }, 'trust')).toThrow('Statement[0].Resource is not allowed')
    expect(() => parsePolicy({ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole' } }, 'trust')).toThrow(
      'Statement[0].Principal is missing',
    )
  })
})

test('single values become lists, booleans and numbers become strings, and the result parses to itself', () => {
  const document = parsePolicy({
    Version: '2012-10-17',
    Statement: {
      ...valid,
      Condition: { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 'aws:MultiFactorAuthAge': 300 } },
    },
  })
  expect(document.Statement[0]).toMatchObject({
    Action: ['sns:Publish'],
    Condition: { Bool: { 'aws:SecureTransport': ['true'] }, NumericLessThan: { 'aws:MultiFactorAuthAge': ['300'] } },
  })
  expect(parsePolicy(JSON.stringify(document))).toEqual(document)
})

test('a document without a version has version 2008-10-17', () => {
  expect(parsePolicy({ Statement: [] }).Version).toBe('2008-10-17')
})

test('any value is parsed as a document or refused with a PolicyError', () => {
  const statement = fc.record(
    {
      Effect: fc.constantFrom('Allow', 'Deny', 1),
      Action: fc.anything(),
      Resource: fc.anything(),
      Condition: fc.anything(),
      Principal: fc.anything(),
    },
    { requiredKeys: [] },
  )
  const given = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.record({ Version: fc.constant('2012-10-17'), Statement: fc.oneof(statement, fc.array(statement)) }),
  )
  fc.assert(
    fc.property(given, (value) => {
      try {
        parsePolicy(value)
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error
      }
    }),
    { seed: 1, numRuns: runsOf(2000) },
  )
})
