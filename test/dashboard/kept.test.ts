import { describe, expect, test } from 'vitest'
import { createKept } from '../../src/dashboard/kept.ts'

/** A clock that reading advances. */
function slow(readMs: number) {
  let now = 0
  let reads = 0
  const kept = createKept<number>(
    () => 2_000,
    () => now,
  )
  return {
    kept,
    ask: () =>
      kept.of('key', async () => {
        now += readMs
        return ++reads
      }),
    wait: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

describe('a value that was read', () => {
  test('is read again after its time, and not before', async () => {
    const { ask, wait } = slow(10)
    expect(await ask()).toBe(1)
    wait(1_999)
    expect(await ask()).toBe(1)
    wait(1)
    expect(await ask()).toBe(2)
  })

  test('that took long is kept longer, so that reading takes a twentieth of the time, and a minute at most', async () => {
    const second = slow(1_000)
    await second.ask()
    second.wait(19_999)
    expect(await second.ask()).toBe(1)
    second.wait(1)
    expect(await second.ask()).toBe(2)
    const long = slow(30_000)
    await long.ask()
    long.wait(60_000)
    expect(await long.ask()).toBe(2)
  })

  test('is read once for requests at the same time, and an error is not kept', async () => {
    const { ask, kept } = slow(10)
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1])
    await expect(kept.of('other', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await kept.of('other', async () => 7)).toBe(7)
  })

  test('is read again after everything was forgotten', async () => {
    const { ask, kept } = slow(10)
    await ask()
    kept.clear()
    expect(await ask()).toBe(2)
  })

  test('that was being read when everything was forgotten is not kept', async () => {
    const kept = createKept<string>(
      () => 2_000,
      () => 0,
    )
    let finish = (_: string) => {}
    const before = kept.of('key', () => new Promise((resolve) => (finish = resolve)))
    kept.clear()
    expect(await kept.of('key', async () => 'after')).toBe('after')
    finish('before')
    expect(await before).toBe('before')
    expect(await kept.of('key', async () => 'again')).toBe('after')
  })
})
