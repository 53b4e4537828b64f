/**
 * The ids that services hand out: shaped like AWS's, never twice the same, and the same ones in every run.
 *
 * Nothing secret is made here: a reproducible id makes a failed test repeatable.
 */
import { createHash } from 'node:crypto'

export type Ids = {
  /** `5f0c…-…-4…`: a version 4 UUID by its shape. */
  uuid(): string
  /** As many lower-case hexadecimal digits as asked for, at most 64. */
  hex(digits: number): string
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number
}

/** A source of ids of its own for each `seed`. */
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
