import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { type Clock, createManualClock } from '../../local/clock.ts'
import { createSendingRate } from '../../src/sending/rate.ts'

let aws: Aws
let clock: Clock
beforeAll(async () => {
  clock = createManualClock(new Date('2026-03-04T05:06:07.000Z'))
  aws = await startAws({ clock })
})
beforeEach(() => clock.advance(2_000))

const rateOf = () =>
  createSendingRate(new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account))), 'sesame-dev-sends', () =>
    clock.now(),
  )
const writes = () => aws.record.filter(({ operation }) => operation === 'UpdateItem').length
const account = '111122223333#us-east-1'

test('a function that was busy takes the tokens of a second with one write for a quarter of them', async () => {
  const rate = rateOf()
  const takeAll = async () => {
    const before = writes()
    const waits = await Promise.all(Array.from({ length: 40 }, () => rate.take(account, 1, 40)))
    expect(waits.every((wait) => wait === 0)).toBe(true)
    return writes() - before
  }
  // At first, each slice is as large as what was spent before it.
  expect(await takeAll()).toBeLessThanOrEqual(12)
  clock.advance(1_000)
  expect(await takeAll()).toBe(4)
  // After a pause, it begins anew.
  clock.advance(5_000)
  expect(await takeAll()).toBeGreaterThan(4)
})

test('beyond the rate, the wait is the rest of the second', async () => {
  const rate = rateOf()
  for (let taken = 0; taken < 14; taken++) expect(await rate.take(account, 1, 14)).toBe(0)
  clock.advance(300)
  expect(await rate.take(account, 1, 14)).toBe(700)
  clock.advance(700)
  expect(await rate.take(account, 1, 14)).toBe(0)
})

test('functions share the rate of an account, and accounts do not affect each other', async () => {
  const functions = [rateOf(), rateOf(), rateOf()]
  let taken = 0
  for (let round = 0; round < 20; round++)
    for (const one of functions) if ((await one.take(account, 1, 14)) === 0) taken++
  expect(taken).toBeLessThanOrEqual(14)
  expect(taken).toBeGreaterThanOrEqual(11)
  expect(await rateOf().take('444455556666#us-east-1', 1, 14)).toBe(0)
})

test('a message to more recipients than the rate takes the whole second', async () => {
  const rate = rateOf()
  expect(await rate.take(account, 50, 14)).toBe(0)
  expect(await rate.take(account, 1, 14)).toBeGreaterThan(0)
})
