import { describe, expect, test } from 'vitest'
import { dayOfProofs, flood, round } from '../../bench/isolation.ts'

test('a project that is flooded delays no other, and does not fill the shared retry queue', async () => {
  const { served, messages } = await flood(12, 1_150)
  expect(served).toBe(10)
  // At one call a second, so many fit into the longest delay of 15 minutes; a batch of 100 may exceed it.
  expect(messages).toBeGreaterThan(100)
  expect(messages).toBeLessThanOrEqual(1_000)
}, 60_000)

describe('a scheduled run', () => {
  test('an account that does not answer and a project with many expiries delay no other project', async () => {
    const [alone, beside] = [await round(498), await round(500, { expiries: 1_000 })]
    expect(alone).toMatchObject({ unserved: 0 })
    expect(beside).toMatchObject({ unserved: 0, callsToDead: 1 })
    // Two of the 25 places are taken for a while.
    expect(beside.last).toBeLessThan(alone.last * 1.2 + 4)
    expect(beside.lifted).toBeGreaterThan(300)
  })

  test('a project with more work than a run has time for does not keep the run from ending', async () => {
    const { unserved, lifted } = await round(10, { expiries: 100_000 })
    expect(unserved).toBe(0)
    expect(lifted).toBeLessThan(1_000)
  })
})

test('runs of a quarter of an hour prove 32 connections at a time, so that those of a day are proven within the day', async () => {
  expect(await dayOfProofs(2_000)).toMatchObject({ proven: 2_000, left: 0 })
  // The control: 32 places for 810 s prove at most 2,592 connections of 10 s in a run.
  const { longestRun } = await dayOfProofs(20_000)
  expect(longestRun).toBeGreaterThan(60)
  expect(longestRun).toBeLessThan(810)
}, 60_000)
