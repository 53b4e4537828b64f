/**
 * Tests the counted figures of the benchmark. No test measures speed; `npm run bench` does.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Capacity, capacity } from '../../bench/capacity.ts'
import { countedTargets } from '../../bench/figures.ts'

let counted: Capacity

beforeAll(async () => {
  counted = await capacity()
})

const costOf = (scenario: string) => counted.costs.find((cost) => cost.scenario === scenario)

describe('what an event costs at DynamoDB', () => {
  test('a bounce costs one write unit, and a read of the routes on a cold start only', () => {
    expect(costOf('bounce, cold: routes unread')).toMatchObject({
      reads: 1,
      writes: 1,
      writeUnits: 1,
      streamRecords: 1,
    })
    expect(costOf('bounce')).toMatchObject({ reads: 0, writes: 1, writeUnits: 1, streamRecords: 1 })
  })

  test('an event costs one write per address', () => {
    expect(costOf('bounce of 10 recipients')).toMatchObject({ reads: 0, writes: 10, writeUnits: 10, streamRecords: 10 })
  })

  test('a duplicate costs one write and causes no stream record', () => {
    for (const kind of ['bounce', 'soft bounce', 'complaint'])
      expect(costOf(`${kind}, duplicate`)).toMatchObject({ reads: 0, writes: 1, writeUnits: 1, streamRecords: 0 })
  })

  test('a late copy of an older bounce costs two writes', () => {
    expect(costOf('late copy of the second bounce')).toMatchObject({ reads: 0, writes: 2, streamRecords: 0 })
  })

  test('an echo costs one write, which keeps that the account list has the address, and one log line', () => {
    const echo = costOf('echo, stored and not counted')
    expect(echo).toMatchObject({ reads: 0, writes: 1, writeUnits: 1, streamRecords: 1 })
    expect(echo?.loggedBytes).toBeGreaterThan(0)
  })

  test('all counted targets are met', () => {
    expect(countedTargets(counted.costs).filter(({ met }) => !met)).toEqual([])
  })
})

describe('the item of the plain put', () => {
  test('the item of the plain put is the item that the bounce writes', () => {
    expect(counted.item).toMatchObject({ project: { S: 'acme' }, lastHard: { S: expect.stringContaining('5.1.1') } })
  })
})
