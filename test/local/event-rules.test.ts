import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { readPattern } from '../../local/eventbridge/pattern.ts'

describe('an event pattern', () => {
  const event = { source: 'aws.sts', detail: { name: 'AssumeRole', parameters: null, tags: ['one', 'two'] } }

  test.each([
    ['a value', { source: ['aws.s3', 'aws.sts'] }, true],
    ['another value', { source: ['aws.s3'] }, false],
    ['a value inside', { detail: { name: ['AssumeRole'] } }, true],
    ['one of several values', { detail: { tags: ['two'] } }, true],
    ['null', { detail: { parameters: [null] } }, true],
    ['what is missing', { detail: { parameters: { arn: ['x'] } } }, false],
    ['a prefix', { source: [{ prefix: 'aws.' }] }, true],
    ['a wildcard', { detail: { name: [{ wildcard: 'A*Role' }] } }, true],
    ['a wildcard that does not fit', { detail: { name: [{ wildcard: 'A*Rol' }] } }, false],
    ['presence', { detail: { name: [{ exists: true }] } }, true],
    ['absence', { detail: { other: [{ exists: false }] } }, true],
    ['one of two', { $or: [{ source: ['x'] }, { detail: { name: ['AssumeRole'] } }] }, true],
    ['neither of two', { $or: [{ source: ['x'] }, { source: ['y'] }] }, false],
    ['all that it names', { source: ['aws.sts'], detail: { name: ['x'] } }, false],
  ])('an event pattern matches %s as EventBridge does', (_, pattern, matches) => {
    expect(readPattern(pattern)(event)).toBe(matches)
  })

  test.each([[{}], [{ source: [] }], [{ source: 'aws.sts' }], [{ source: [{ numeric: ['>', 0] }] }], [{ $or: [] }]])(
    'an event pattern that cannot be evaluated is refused: %j',
    (pattern) => {
      expect(() => readPattern(pattern)).toThrow('Event pattern is not valid')
    },
  )
})

describe('a rule', () => {
  let aws: Aws
  beforeEach(async () => {
    aws = await startAws()
  })
  const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:sesame-dev-audit-role-use'
  const rule = (name: string) => ({
    bus: 'default',
    arn: `arn:aws:events:us-east-1:123456789012:rule/${name}`,
    pattern: { source: ['aws.test'] },
    targets: [{ arn: functionArn }],
  })

  test('a rule of the deployment invokes its function, whose policy allows it', async () => {
    aws.eventbridge.addRule(rule('sesame-dev-audit-role-use'))
    aws.eventbridge.publishAwsEvent('aws.test', 'Test', { a: 1 }, new Date('2026-01-01T00:00:00Z'))
    await aws.settled()
    expect(aws.lambda.attempts[0]?.event).toMatchObject({
      version: '0',
      source: 'aws.test',
      'detail-type': 'Test',
      account: '123456789012',
      time: '2026-01-01T00:00:00Z',
      detail: { a: 1 },
    })
  })

  test('a rule that the policy of the function does not allow is refused and invokes nothing', async () => {
    aws.eventbridge.addRule(rule('another'))
    aws.eventbridge.publishAwsEvent('aws.test', 'Test', {}, new Date(0))
    await aws.settled()
    expect(aws.lambda.attempts).toEqual([])
  })
})
