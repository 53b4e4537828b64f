import { describe, expect, test } from 'vitest'
import { createRandom } from '../../local/simulation/random.ts'
import { mutate } from '../../tools/fuzz/mutate.ts'
import { attempt, isOf, targetsFor } from '../../tools/fuzz/targets.ts'

/** No target of these tests sends a request. */
const unused = async () => {
  throw new Error('No request is sent here')
}

describe('the fuzzer', () => {
  test('makes the same inputs from the same seed, and they differ from the good ones', () => {
    const inputs = (seed: string) => {
      const random = createRandom(seed)
      return Array.from({ length: 200 }, () => mutate('{"a":"ada@example.org","b":[1,true]}', '{"c":null}', random))
    }
    expect(inputs('a')).toEqual(inputs('a'))
    expect(inputs('a')).not.toEqual(inputs('b'))
    expect(new Set(inputs('a')).size).toBeGreaterThan(150)
  })

  test('fails for an error that a reader does not announce, and for no other', () => {
    class OwnError extends Error {
      override readonly name = 'OwnError'
    }
    const fail = (error: Error) => () => {
      throw error
    }
    expect(() => attempt(fail(new OwnError()), ['OwnError'])).not.toThrow()
    expect(() => attempt(fail(new TypeError('a defect')), ['OwnError'])).toThrow('a defect')
    expect(isOf(Object.assign(new Error('data'), { code: 'Z_DATA_ERROR' }), ['Error:Z_DATA_ERROR'])).toBe(true)
    expect(isOf(new Error('data'), ['Error:Z_DATA_ERROR'])).toBe(false)
  })

  test('reads some inputs of each corpus, and refuses others', async () => {
    const random = createRandom('both')
    for (const { name, corpus, errors, run } of targetsFor(unused, []).filter((one) => one.name !== 'SigV4')) {
      const results = { read: 0, refused: 0 }
      for (let count = 0; count < 60; count++) {
        const text = count < corpus.length ? corpus[count] : mutate(random.pick(corpus), random.pick(corpus), random)
        try {
          await run(text ?? '')
          results.read++
        } catch (error) {
          expect(isOf(error, errors), `${name}: ${String(error)}`).toBe(true)
          results.refused++
        }
      }
      expect(results.read, name).toBeGreaterThan(0)
    }
  })
})
