import { describe, expect, test } from 'vitest'
import { createManualClock, createSystemClock } from '../../local/clock.ts'
import { createWork } from '../../local/work.ts'

describe('background work', () => {
  test('background work keeps the order of delays without sleeping', async () => {
    const work = createWork()
    const done: string[] = []
    const note = (name: string) => async () => void done.push(name)
    work.after(60_000, note('a minute'))
    work.after(10_000, async () => {
      done.push('ten seconds')
      work.after(20_000, note('thirty seconds'))
      work.start(note('at once'))
    })
    const startedAt = performance.now()
    await work.settled()
    expect(done).toEqual(['ten seconds', 'at once', 'thirty seconds', 'a minute'])
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })

  test('background work is settled when there is none, and otherwise after the last task', async () => {
    const work = createWork()
    await work.settled()
    let finished = false
    work.start(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      finished = true
    })
    await work.settled()
    expect(finished).toBe(true)
  })

  test('settled rejects once with the error of a failed task', async () => {
    const work = createWork()
    work.start(() => Promise.reject(new Error('broken')))
    await expect(work.settled()).rejects.toThrow('broken')
    await expect(work.settled()).resolves.toBeUndefined()
  })
})

describe('a clock', () => {
  test('a clock stands still or runs, can be advanced, and cannot be set back', () => {
    const standing = createManualClock(new Date('2026-01-01T00:00:00Z'))
    standing.advance(1500)
    expect(standing.now()).toEqual(new Date('2026-01-01T00:00:01.500Z'))
    const running = createSystemClock()
    running.advance(3_600_000)
    expect(running.now().getTime()).toBeGreaterThanOrEqual(Date.now() + 3_599_000)
    expect(() => running.advance(-1)).toThrow('can only be advanced')
    expect(() => running.advance(Number.NaN)).toThrow('can only be advanced')
  })
})
