import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concurrently } from '../src/concurrently.ts'

const pause = () => new Promise((resolve) => setImmediate(resolve))

async function* stream<T>(items: readonly T[]) {
  for (const item of items) {
    await pause()
    yield item
  }
}

test('concurrently works on each item exactly once, in order, and never on more than the limit at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer()),
      fc.integer({ min: 1, max: 8 }),
      fc.boolean(),
      async (items, atOnce, isAsync) => {
        const started: number[] = []
        let underWay = 0
        let most = 0
        await concurrently(isAsync ? stream(items) : items, atOnce, async (item) => {
          started.push(item)
          most = Math.max(most, ++underWay)
          await pause()
          underWay--
        })
        expect(started).toEqual(items)
        expect(underWay).toBe(0)
        expect(most).toBeLessThanOrEqual(atOnce)
        if (!isAsync) expect(most).toBe(Math.min(atOnce, items.length))
      },
    ),
    { seed: 1, numRuns: 100 },
  )
})

test('concurrently rejects with the first error and still works on the other items', async () => {
  const done: number[] = []
  const work = async (item: number) => {
    await pause()
    if (item === 2) throw new Error(`item ${item}`)
    done.push(item)
  }
  await expect(concurrently([1, 2, 3, 4, 5], 2, work)).rejects.toThrow('item 2')
  for (let i = 0; i < 10; i++) await pause()
  expect(done).toEqual([1, 3, 4, 5])
})
