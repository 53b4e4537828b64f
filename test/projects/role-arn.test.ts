import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRoleArn, RoleArnError } from '../../src/projects/role-arn.ts'

const connection = { account: '111122223333', ourAccount: '123456789012', partition: 'aws' }
const issueIn = (text: string, expected = connection) => {
  try {
    checkRoleArn(text, expected)
  } catch (error) {
    if (error instanceof RoleArnError) return error.issue
    throw error
  }
  return undefined
}

describe('checkRoleArn', () => {
  test.each([
    'arn:aws:iam::111122223333:role/sesame/sesame-acme',
    'arn:aws:iam::111122223333:role/sesame/A+b=c,d.e@f-1_2',
  ])('checkRoleArn accepts %s', (text) => {
    expect(checkRoleArn(text, connection)).toBe(text)
  })

  test('checkRoleArn accepts the partition that Sesame runs in, whichever it is', () => {
    const text = 'arn:aws-us-gov:iam::111122223333:role/sesame/acme'
    expect(checkRoleArn(text, { ...connection, partition: 'aws-us-gov' })).toBe(text)
  })

  test.each([
    ['arn:aws:iam::123456789012:role/sesame/acme', 'of our own account'],
    ['arn:aws:iam::444455556666:role/sesame/acme', 'of another account'],
    ['arn:aws-cn:iam::111122223333:role/sesame/acme', 'of another partition'],
    ['arn:aws-us-gov:iam::111122223333:role/sesame/acme', 'of another partition'],
    ['arn:aws:iam::111122223333:role/sesame/*', 'has a wildcard'],
    ['arn:aws:iam::*:role/sesame/acme', 'has a wildcard'],
    ['arn:aws:iam::111122223333:role/sesame/acm?', 'has a wildcard'],
    ['*', 'has a wildcard'],
    ['arn:aws:iam::111122223333:role/acme', 'not under role/sesame/'],
    ['arn:aws:iam::111122223333:role/Sesame/acme', 'not under role/sesame/'],
    ['arn:aws:iam::111122223333:role/sesame-x/acme', 'not under role/sesame/'],
    ['arn:aws:iam::111122223333:role/sesame/../acme', 'not under role/sesame/'],
    ['arn:aws:iam::111122223333:role/sesame/inner/acme', 'not under role/sesame/'],
    ['arn:aws:iam::111122223333:role/sesame/', 'not under role/sesame/'],
    [`arn:aws:iam::111122223333:role/sesame/${'a'.repeat(65)}`, 'not under role/sesame/'],
    ['arn:aws:iam::111122223333:user/sesame/acme', 'not an ARN of a role'],
    ['arn:aws:iam::111122223333:root', 'not an ARN of a role'],
    ['arn:aws:sts::111122223333:assumed-role/acme/session', 'not an ARN of a role'],
    ['arn:aws:iam:us-east-1:111122223333:role/sesame/acme', 'not an ARN of a role'],
    ['arn:aws:iam::11112222333:role/sesame/acme', 'not an ARN of a role'],
    [' arn:aws:iam::111122223333:role/sesame/acme', 'not an ARN of a role'],
    ['arn:aws:iam::111122223333:role/sesame/acme\n', 'not an ARN of a role'],
    ['arn:aws:iam::111122223333:role/sesame/acmé', 'not an ARN of a role'],
    ['', 'not an ARN of a role'],
  ])('checkRoleArn refuses %j as %s', (text, issue) => {
    expect(issueIn(text)).toBe(issue)
  })

  test('the refusal never repeats the input', () => {
    const given = 'arn:aws:iam::444455556666:role/sesame/0f3a-secret'
    expect(() => checkRoleArn(given, connection)).toThrow(/^(?!.*secret).*another account/)
  })

  test('checkRoleArn either throws a RoleArnError or accepts a valid ARN, whatever the text', () => {
    const pieces = fc.constantFrom(
      ...['arn', 'aws', 'iam', 'role', 'sesame', '/', ':', '*', '111122223333', '123456789012', 'a', '-', '\n', '%2f'],
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 20 }).map((some) => some.join('')),
    )
    fc.assert(
      fc.property(text, (given) => {
        if (issueIn(given) === undefined) expect(given).toMatch(/^arn:aws:iam::111122223333:role\/sesame\/[\w+=,.@-]+$/)
      }),
      { seed: 1, numRuns: 2_000 },
    )
  })
})
