/** Random numbers that depend on a seed alone. A stream of its own for each purpose: what one purpose draws changes nothing for the others. */

export type Random = {
  /** From 0 (inclusive) to 1 (exclusive). */
  fraction(): number
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number
  chance(probability: number): boolean
  /** @throws RangeError if there is nothing to pick from */
  pick<Value>(values: readonly Value[]): Value
}

/** The generator sfc32, seeded by a hash of the text. */
export function createRandom(seed: string): Random {
  let [a, b, c, counter] = hashOf(seed)
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let warmUp = 0; warmUp < 12; warmUp++) next()
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    fraction: next,
    below,
    chance: (probability) => next() < probability,
    pick: (values) => {
      const value = values[below(values.length)]
      if (value === undefined) throw new RangeError('There is nothing to pick from')
      return value
    },
  }
}

function hashOf(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    words[0] = Math.imul(words[0] ^ code, 0x85ebca6b)
    words[1] = Math.imul(words[1] ^ (code + words[0]), 0xc2b2ae35)
    words[2] = Math.imul(words[2] ^ (code + words[1]), 0x27d4eb2f)
    words[0] ^= words[2] >>> 13
  }
  return words
}
