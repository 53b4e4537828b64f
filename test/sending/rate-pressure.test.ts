/** Many instances of the function share the rate of one account, in virtual time. DynamoDB is a stub that keeps the counters. */
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { createVirtualTime } from '../../bench/virtual-time.ts'
import { createSendingRate } from '../../src/sending/rate.ts'

const Update = v.object({
  Key: v.object({ key: v.object({ S: v.string() }) }),
  ExpressionAttributeValues: v.object({
    ':tokens': v.object({ N: v.pipe(v.string(), v.transform(Number)) }),
    ':room': v.object({ N: v.pipe(v.string(), v.transform(Number)) }),
  }),
})

/** A client whose conditional updates count leased tokens, as the table `sends` does. */
function countersClient(): DynamoDBClient {
  const leased = new Map<string, number>()
  const client = new DynamoDBClient({ region: 'us-east-1' })
  client.middlewareStack.add(
    () => async (args) => {
      const { Key, ExpressionAttributeValues: values } = v.parse(Update, args.input)
      const known = leased.get(Key.key.S)
      if (known !== undefined && known > values[':room'].N)
        throw new ConditionalCheckFailedException({ message: 'no room', $metadata: {} })
      leased.set(Key.key.S, (known ?? 0) + values[':tokens'].N)
      return { output: { $metadata: {} }, response: undefined }
    },
    { step: 'initialize', priority: 'high' },
  )
  return client
}

const account = '111122223333#us-east-1'
/** SES answers in 170 ms. */
const latencyMs = 170
const seconds = 20

/** @param atOnce requests that one instance works on at once: Lambda gives it one, and a batch has up to ten */
async function pressure(perSecond: number, instances: number, atOnce: number) {
  const time = createVirtualTime(new Date('2026-03-04T05:06:07.000Z'))
  const client = countersClient()
  const begun = time.now().getTime()
  const accepted: number[] = []
  const waits: number[] = []
  const worker = async (rate: ReturnType<typeof createSendingRate>, delayMs: number) => {
    await time.sleep(delayMs)
    while (time.now().getTime() - begun < seconds * 1_000) {
      const waitMs = await rate.take(account, 1, perSecond)
      if (waitMs > 0) {
        waits.push(waitMs)
        await time.sleep(waitMs)
        continue
      }
      accepted.push(Math.floor(time.now().getTime() / 1_000))
      await time.sleep(latencyMs)
    }
  }
  await time.run(async () => {
    const rates = Array.from({ length: instances }, () => createSendingRate(client, 'sends', time.now))
    await Promise.all(
      rates.flatMap((rate, i) => Array.from({ length: atOnce }, (_, j) => worker(rate, (i * 37 + j * 11) % 170))),
    )
  })
  const bySecond = [...Map.groupBy(accepted, (second) => second).values()].map(({ length }) => length)
  return { bySecond, total: accepted.length, waits }
}

test.each([
  [14, 20, 1],
  [50, 20, 10],
  [200, 4, 10],
  [200, 100, 1],
  [200, 60, 1],
])(
  'at %d a second, %d instances with %d requests each use the rate and do not exceed it',
  async (perSecond, instances, atOnce) => {
    const { bySecond, total, waits } = await pressure(perSecond, instances, atOnce)
    // What the instances could send if SES had no rate.
    const possible = Math.min(perSecond, (instances * atOnce * 1_000) / latencyMs)
    expect(Math.max(...bySecond)).toBeLessThanOrEqual(perSecond * 1.2)
    expect(total / seconds).toBeGreaterThanOrEqual(possible * 0.9)
    // Nobody is told to wait for longer than until the next tokens.
    expect(Math.max(0, ...waits)).toBeLessThanOrEqual(1_000)
  },
)
