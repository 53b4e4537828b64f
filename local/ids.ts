/**
 * The ids that services create: shaped like those of AWS, unique, and the same in every run, so that a failed test can be repeated.
 *
 * None of these ids is a secret.
 */
import { createHash } from 'node:crypto'

export type Ids = {
  /** The shape of a version 4 UUID. */
  uuid(): string
  /** Lower-case hexadecimal digits, at most 64. */
  hex(digits: number): string
  /** A number from 0 (inclusive) to 1 (exclusive). */
  fraction(): number
}

/** A sequence of ids that depends on the seed alone. */
export function createIds(seed: string): Ids {
  let count = 0
  const next = (): string => createHash('sha256').update(`${seed}/${count++}`).digest('hex')
  return {
    hex: (digits) => next().slice(0, digits),
    fraction: () => Number.parseInt(next().slice(0, 13), 16) / 2 ** 52,
    uuid: () => {
      const digits = next()
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`
    },
  }
}
