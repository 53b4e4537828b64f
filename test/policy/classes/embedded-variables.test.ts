import { describe, expect, test } from 'vitest'
import { fixedValuesOf, representativesWithNames } from '../../../src/policy/classes/embedded-variables.ts'
import { type PolicyDocument, parsePolicy } from '../../../src/policy/document.ts'
import { compareUse } from '../../../src/policy/questions/compare.ts'
import type { Subject } from '../../../src/policy/questions/subject.ts'
import { sessionOf } from '../../../src/policy/request.ts'

const account = '111122223333'
const table = `arn:aws:dynamodb:us-east-1:${account}:table/t`
const policyOf = (...keys: string[]): PolicyDocument =>
  parsePolicy(
    {
      Version: '2012-10-17',
      Statement: keys.map((key) => ({
        Effect: 'Allow',
        Action: 'dynamodb:Query',
        Resource: table,
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': key },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      })),
    },
    'identity',
  )
const subjectOf = (document: PolicyDocument): Subject => ({
  name: 'r',
  principal: sessionOf(`arn:aws:iam::${account}:role/r`, 's'),
  account,
  identity: [{ name: 'own', document }],
})
const own = '${aws:PrincipalTag/project}#*'

describe('a variable within a longer pattern', () => {
  test('it gets absence, a value that occurs nowhere, and each word at which another pattern begins', () => {
    expect(fixedValuesOf({ documents: [policyOf(own, 'route#*', 'any-name#x')] })).toEqual([
      { 'aws:principaltag/project': undefined },
      { 'aws:principaltag/project': 'any-namex' },
      { 'aws:principaltag/project': 'route' },
      { 'aws:principaltag/project': 'any-name' },
    ])
    // A control: a variable that is the whole of a pattern needs no value, and neither does one that the question gives.
    expect(fixedValuesOf({ documents: [policyOf('${aws:PrincipalTag/project}')] })).toEqual([{}])
    expect(fixedValuesOf({ documents: [policyOf(own)], fixed: { 'aws:PrincipalTag/project': 'acme' } })).toEqual([{}])
  })

  test('a change to such a pattern is found with an example, and equal policies have no difference', () => {
    const base = subjectOf(policyOf(own))
    expect(compareUse(base, subjectOf(policyOf(own)))).toEqual([])
    const wider = compareUse(base, subjectOf(policyOf('${aws:PrincipalTag/project}*')))
    expect(wider).toMatchObject([{ change: 'newly allowed', action: 'dynamodb:Query' }])
    // A pattern without the variable meets it in one project only, which has a name of its own.
    const fixed = compareUse(base, subjectOf(policyOf(own, 'route#x')))
    expect(fixed).toMatchObject([{ change: 'newly allowed' }])
    expect(compareUse(subjectOf(policyOf(own, 'route#x')), subjectOf(policyOf(own, 'route#x')))).toEqual([])
  })

  test('every value is tried in the requests', () => {
    const space = {
      documents: [policyOf(own, 'route#*')],
      principals: [subjectOf(policyOf(own)).principal],
      account,
      actions: ['dynamodb:Query'],
    }
    const tags = new Set(
      Array.from(representativesWithNames(space), ({ request }) => request.context['aws:principaltag/project']),
    )
    expect(tags).toEqual(new Set([undefined, 'any-name', 'route']))
  })
})
