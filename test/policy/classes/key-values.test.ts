import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type KeyCondition, keyClassesOf } from '../../../src/policy/classes/key-values.ts'
import { representativesOf } from '../../../src/policy/classes/requests.ts'
import { UndecidableQuestionError } from '../../../src/policy/classes/undecidable.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import { type AccessRequest, evaluate, type Principal } from '../../../src/policy/evaluate.ts'
import { runsOf } from '../../runs.ts'

const principal: Principal = {
  kind: 'session',
  arn: 'arn:aws:sts::123456789012:assumed-role/one/two',
  roleArn: 'arn:aws:iam::123456789012:role/one',
  account: '123456789012',
  userId: 'AROA:two',
}
const account = '123456789012'

const policyWith = (conditions: object[]) =>
  parsePolicy(
    {
      Version: '2012-10-17',
      Statement: conditions.map((Condition, index) => ({
        Effect: index % 2 === 0 ? 'Allow' : 'Deny',
        Action: 'sqs:SendMessage',
        Resource: '*',
        Condition,
      })),
    },
    'identity',
  )

const judgedBy =
  (conditions: object[]) =>
  (context: AccessRequest['context']): string => {
    const document = policyWith(conditions)
    const request = { principal, action: 'sqs:SendMessage', resource: '*', resourceAccount: account, context }
    const { reasons } = evaluate(request, { identity: [{ name: 'one', document }] })
    return reasons.map(({ matched }) => Number(matched)).join('')
  }

const found = (conditions: object[]) => {
  const judge = judgedBy(conditions)
  const space = { documents: [policyWith(conditions)], principals: [principal], account, actions: ['sqs:SendMessage'] }
  return new Set(Array.from(representativesOf(space), ({ request }) => judge(request.context)))
}

/** A context without the keys that are absent. */
const contextOf = (values: Record<string, string | string[] | undefined>) =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))

const texts = ['a', 'b', 'ab', 'ba', 'A', 'aab', 'bab', 'x']
const lists = texts.flatMap((one) => [[one], ...texts.map((other) => [one, other]), ['a', 'b', one]])
const operator = fc.constantFrom(
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'StringEqualsIfExists',
)
const set = fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:')
const expected = fc.array(fc.constantFrom('a', 'b', 'ab', '?b', 'a*', '*'), { minLength: 1, maxLength: 3 })

describe('the values of a condition key', () => {
  test('the values of a key are all distinguished that short texts and lists can show: brute force', () => {
    const condition = fc
      .tuple(set, operator, expected, fc.boolean())
      .map(([quantifier, name, values, isNull]) =>
        isNull
          ? { Null: { 'aws:TagKeys': values.length > 1 ? 'true' : 'false' } }
          : { [`${quantifier}${name}`]: { 'aws:TagKeys': values } },
      )
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 3 }), (conditions) => {
        const judge = judgedBy(conditions)
        const all = found(conditions)
        for (const value of [undefined, [], ...texts, ...lists])
          expect(all).toContain(judge(contextOf({ 'aws:TagKeys': value })))
      }),
      { numRuns: runsOf(200) },
    )
  })

  test('two keys that a variable makes equal are distinguished in every way that short texts can show: brute force', () => {
    const value = fc.constantFrom('${aws:PrincipalTag/one}', "${aws:PrincipalTag/one, 'a'}", 'a', 'ab', 'a*', '?b')
    const key = fc.constantFrom('aws:RequestTag/two', 'aws:PrincipalTag/one', 'aws:RequestTag/three')
    const plain = fc.constantFrom('StringEquals', 'StringNotEquals', 'StringLike', 'StringEqualsIfExists')
    const condition = fc
      .tuple(plain, key, fc.array(value, { minLength: 1, maxLength: 2 }))
      .map(([name, of, values]) => ({ [name]: { [of]: values } }))
    const few = [undefined, 'a', 'b', 'ab', 'aab', 'bb']
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 3 }), (conditions) => {
        const judge = judgedBy(conditions)
        const all = found(conditions)
        for (const one of few)
          for (const two of few)
            for (const three of few) {
              const context = { 'aws:PrincipalTag/one': one, 'aws:RequestTag/two': two, 'aws:RequestTag/three': three }
              expect(all).toContain(judge(contextOf(context)))
            }
      }),
      { numRuns: runsOf(200) },
    )
  })

  test('numbers, times and addresses have a representative at each limit, between two limits and beyond them', () => {
    const valuesOf = (key: string, operatorName: string, ...values: string[]) =>
      keyClassesOf(
        key,
        values.map(
          (value): KeyCondition => ({ operator: operatorName, key, expected: [value], version: '2012-10-17' }),
        ),
        () => undefined,
        false,
      )
    expect(valuesOf('aws:multifactorauthage', 'NumericLessThan', '300', '3600', '3600.5')).toEqual(
      expect.arrayContaining([undefined, 'unreadable']),
    )
    // Beyond both limits, a number is judged like an absent key.
    const numbers = valuesOf('aws:multifactorauthage', 'NumericLessThan', '300', '3600').map(Number)
    for (const isIn of [(n: number) => n < 300, (n: number) => n >= 300 && n < 3600])
      expect(numbers.some(isIn)).toBe(true)
    const times = valuesOf('aws:currenttime', 'DateLessThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.001Z')
    expect(times).toHaveLength(4)
    const inside = valuesOf('aws:sourceip', 'IpAddress', '10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32')
    expect(inside).toHaveLength(5)
  })

  test('a key that is compared as text and as a number is refused, and the error names the key', () => {
    const mixed = [{ StringLike: { 'aws:EpochTime': '1*' }, NumericLessThan: { 'aws:EpochTime': '5' } }]
    expect(() => found(mixed)).toThrow(UndecidableQuestionError)
    expect(() => found(mixed)).toThrow('aws:epochtime is compared as text and as number')
    expect(found([{ NumericLessThan: { 'aws:EpochTime': '5' } }]).size).toBe(2)
  })

  test('a variable within a longer pattern is refused unless the question gives it a value', () => {
    const conditions = [{ StringLike: { 'dynamodb:LeadingKeys': '${aws:PrincipalTag/project}#*' } }]
    expect(() => found(conditions)).toThrow('--when aws:principaltag/project=VALUE')
    const space = {
      documents: [policyWith(conditions)],
      principals: [principal],
      account,
      actions: ['sqs:SendMessage'],
    }
    const fixed = Array.from(representativesOf({ ...space, fixed: { 'aws:PrincipalTag/project': 'acme' } }))
    expect(fixed.some(({ request }) => judgedBy(conditions)(request.context) === '1')).toBe(true)
    expect(fixed.some(({ request }) => judgedBy(conditions)(request.context) === '0')).toBe(true)
  })

  test('a question with too many combinations is refused before the first request of the action', () => {
    const many = Array.from({ length: 8 }, (_, index) => ({
      StringLike: { [`aws:RequestTag/${index}`]: ['a*', 'b'] },
      StringNotEquals: { [`aws:RequestTag/${index}`]: 'aa' },
      StringEqualsIfExists: { [`aws:RequestTag/${index}`]: 'ab' },
    }))
    expect(() => found(many)).toThrow(/has \d+ combinations of classes/)
    expect(found(many.slice(0, 2)).size).toBeGreaterThan(1)
  })

  test("the account of a resource is the one in the resource's ARN, so the two never contradict each other", () => {
    const document = parsePolicy(
      {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Resource: 'arn:aws:iam::*:role/sesame/*',
          Condition: { StringNotEquals: { 'aws:ResourceAccount': account } },
        },
      },
      'identity',
    )
    const requests = Array.from(representativesOf({ documents: [document], principals: [principal], account }))
    const owners = requests.map(({ request: { resource, context } }) => [
      resource.split(':')[4],
      context['aws:ResourceAccount'],
    ])
    expect(owners.some(([owner]) => owner === account)).toBe(true)
    expect(owners.filter(([owner, key]) => owner !== undefined && owner !== '' && owner !== key)).toEqual([])
    const allowed = requests.filter(
      ({ request }) => evaluate(request, { identity: [{ name: 'one', document }] }).verdict === 'allowed',
    )
    expect(allowed).not.toEqual([])
    expect(allowed.filter(({ request }) => request.resource.includes(account))).toEqual([])
  })
})
