import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { account, type Feedback, route, sesEvent, table } from '../suppression/feedback.ts'

let aws: Aws
beforeEach(async () => {
  aws = await startAws({ account, clock: createManualClock(new Date('2026-03-02T12:00:00Z')) })
  await route(aws, 'sesame-acme', 'acme')
})

async function bounce(kind: Feedback['kind'], day: number) {
  const at = new Date(Date.UTC(2026, 1, day, 10))
  const event = sesEvent({ kind, addresses: ['a@example.com'], at, feedbackId: `${kind}-${day}` }, 'sesame-acme')
  await aws.callAsService(
    'ses.amazonaws.com',
    { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` },
    'sns',
    'Publish',
    { TopicArn: `arn:aws:sns:us-east-1:${account}:sesame-dev-bounces`, Message: JSON.stringify(event) },
  )
  await aws.settled()
}
const expiries = async () =>
  Object.fromEntries((await aws.dynamodb.items(table)).map(({ address, expiresAt }) => [address?.S, expiresAt?.N]))
const seconds = (time: string) => String(Date.parse(time) / 1000)

describe('the expiry of the items of weeks', () => {
  test('the item of a week gets its expiry from the function that follows the stream, and a lasting item gets none', async () => {
    await bounce('soft', 24)
    await bounce('soft', 25)
    await bounce('hard', 25)
    expect(await expiries()).toEqual({
      'a@example.com': undefined,
      'a@example.com soft 2026-02-23': seconds('2026-05-31T00:00:00Z'),
    })
  })

  test('the expiry is set once, however often a bounce of the week arrives', async () => {
    for (const day of [24, 24, 25, 24]) await bounce('soft', day)
    const sets = aws.record.filter(
      ({ action, role }) => action === 'dynamodb:UpdateItem' && role.endsWith('suppression-propagation'),
    )
    expect(sets.length).toBeLessThanOrEqual(1)
    expect(Object.values(await expiries())).toEqual([seconds('2026-05-31T00:00:00Z')])
  })

  test('the role notification-handler may not let an item expire, and may write the evidence of a day', async () => {
    const role = `arn:aws:iam::${account}:role/sesame/sesame-dev-us-east-1-notification-handler`
    const session = await aws.assumeAsService('lambda.amazonaws.com', role, 'sesame-dev-record-bounce')
    const dynamodb = new DynamoDBClient(aws.clientConfig(session))
    const set = (attribute: string) =>
      dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { project: { S: 'acme' }, address: { S: 'a@example.com' } },
          UpdateExpression: `SET ${attribute} = :value`,
          ExpressionAttributeValues: { ':value': attribute === 'expiresAt' ? { N: '1' } : { S: 'x' } },
        }),
      )
    await expect(set('expiresAt')).rejects.toThrow('dynamodb:UpdateItem')
    await expect(set('monday')).resolves.toBeDefined()
  })
})
