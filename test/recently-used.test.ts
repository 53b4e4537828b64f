import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecentlyUsed } from '../src/recently-used.ts'

test('a full cache forgets the entry that was used least recently', () => {
  const cache = createRecentlyUsed<number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  expect(cache.get('a')).toBe(1)
  cache.set('c', 3)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3])
})

test('a weight that exceeds the capacity removes the entries that were used less recently, and keeps its own', () => {
  const cache = createRecentlyUsed<string>(10)
  for (const key of ['a', 'b', 'c']) cache.set(key, key)
  cache.weigh('b', 'b', 50)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 'b', 'c'])
})

test('drop and weigh change an entry only if it still has that value', () => {
  const cache = createRecentlyUsed<string>(10)
  cache.set('a', 'new')
  cache.drop('a', 'old')
  cache.weigh('a', 'old', 99)
  cache.set('b', 'b')
  expect([cache.get('a'), cache.get('b')]).toEqual(['new', 'b'])
  cache.dropWhere((value) => value === 'new')
  expect([cache.get('a'), cache.size]).toEqual([undefined, 1])
})

test('the total weight never exceeds the capacity, except by one entry that is larger than it', () => {
  const operation = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), weight: fc.integer({ min: 1, max: 12 }) })
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const cache = createRecentlyUsed<string>(10)
      const weights = new Map<string, number>()
      for (const { key, weight } of operations) {
        cache.set(key, key)
        cache.weigh(key, key, weight)
        weights.set(key, weight)
        const kept = [...weights].filter(([name]) => cache.get(name) !== undefined)
        // Reading changed the order of use: use the key last.
        cache.get(key)
        const total = kept.reduce((sum, [, each]) => sum + each, 0)
        expect(kept.some(([name]) => name === key)).toBe(true)
        expect(total <= 10 || kept.length === 1).toBe(true)
      }
    }),
    { seed: 1, numRuns: 200 },
  )
})
