/**
 * Which addresses stand on the account list: eight bytes for each, so that a million of them fit into a function's memory, and no address
 * into a table where none belongs.
 */
import { createHash } from 'node:crypto'

const bytesEach = 8

/** What is kept of a page of the account list. */
export function packed(addresses: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(addresses.length * bytesEach)
  addresses.forEach((address, index) => void bytes.set(digest(address), index * bytesEach))
  return bytes
}

export type AddressSet = { has(address: string): boolean; readonly size: number }

/** Two addresses in a million share their eight bytes with a chance of one in forty million: one would then wait for the next reconcile. */
export function createAddressSet(pages: readonly Uint8Array[]): AddressSet {
  const total = pages.reduce((sum, page) => sum + page.length, 0)
  const bytes = Buffer.concat(pages, total)
  const all = new BigUint64Array(total / bytesEach)
  for (let index = 0; index < all.length; index++) all[index] = bytes.readBigUInt64BE(index * bytesEach)
  all.sort()
  return {
    size: all.length,
    has(address) {
      const wanted = Buffer.from(digest(address)).readBigUInt64BE()
      let [low, high] = [0, all.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if ((all[middle] ?? 0n) < wanted) low = middle + 1
        else high = middle
      }
      return all[low] === wanted
    },
  }
}

const digest = (address: string): Uint8Array => createHash('sha256').update(address).digest().subarray(0, bytesEach)
