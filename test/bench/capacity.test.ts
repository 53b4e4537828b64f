/**
 * That the benchmark counts what it says it counts. How fast anything is, no test says: that is what `npm run bench` is for.
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
  test('A bounce costs one write unit, and a read of the routes only while they are unread', () => {
    expect(costOf('bounce, cold: routes unread')).toMatchObject({
      reads: 1,
      writes: 1,
      writeUnits: 1,
      streamRecords: 1,
    })
    expect(costOf('bounce')).toMatchObject({ reads: 0, writes: 1, writeUnits: 1, streamRecords: 1 })
  })

  test('Each address is written once', () => {
    expect(costOf('bounce of 10 recipients')).toMatchObject({ reads: 0, writes: 10, writeUnits: 10, streamRecords: 10 })
  })

  test('A duplicate costs its one write and leaves the stream silent', () => {
    for (const kind of ['bounce', 'soft bounce', 'complaint'])
      expect(costOf(`${kind}, duplicate`)).toMatchObject({ reads: 0, writes: 1, writeUnits: 1, streamRecords: 0 })
  })

  test('A late copy of an older bounce costs its write, and one more to see that it is not the first', () => {
    expect(costOf('late copy of the second bounce')).toMatchObject({ reads: 0, writes: 2, streamRecords: 0 })
  })

  test('An echo costs nothing but its line in the log', () => {
    const echo = costOf('echo, ignored')
    expect(echo).toMatchObject({ reads: 0, writes: 0, writeUnits: 0, streamRecords: 0 })
    expect(echo?.loggedBytes).toBeGreaterThan(0)
  })

  test('All targets that are counted are met', () => {
    expect(countedTargets(counted.costs).filter(({ met }) => !met)).toEqual([])
  })
})

describe('the item that the floor puts', () => {
  test('is what the bounce left in the table', () => {
    expect(counted.item).toMatchObject({ project: { S: 'acme' }, lastHard: { S: expect.stringContaining('5.1.1') } })
  })
})
