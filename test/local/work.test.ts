import { describe, expect, it } from 'vitest'
import { runningClock, standingClock } from '../../local/clock.ts'
import { createWork } from '../../local/work.ts'

describe('background work', () => {
  it('keeps the order of delays and sleeps none of them', async () => {
    const work = createWork()
    const done: string[] = []
    const note = (name: string) => async () => void done.push(name)
    work.after(60_000, note('a minute'))
    work.after(10_000, async () => {
      done.push('ten seconds')
      work.after(20_000, note('thirty seconds'))
      work.start(note('at once'))
    })
    const begun = performance.now()
    await work.settled()
    expect(done).toEqual(['ten seconds', 'at once', 'thirty seconds', 'a minute'])
    expect(performance.now() - begun).toBeLessThan(1000)
  })

  it('is settled when there is none, and only when the last of it is done', async () => {
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

  it('tells of a task that broke to who waits, once', async () => {
    const work = createWork()
    work.start(() => Promise.reject(new Error('broken')))
    await expect(work.settled()).rejects.toThrow('broken')
    await expect(work.settled()).resolves.toBeUndefined()
  })
})

describe('a clock', () => {
  it('stands still or runs, and is put forward, never back', () => {
    const standing = standingClock(new Date('2026-01-01T00:00:00Z'))
    standing.advance(1500)
    expect(standing.now()).toEqual(new Date('2026-01-01T00:00:01.500Z'))
    const running = runningClock()
    running.advance(3_600_000)
    expect(running.now().getTime()).toBeGreaterThanOrEqual(Date.now() + 3_599_000)
    expect(() => running.advance(-1)).toThrow('only goes forward')
    expect(() => running.advance(Number.NaN)).toThrow('only goes forward')
  })
})
