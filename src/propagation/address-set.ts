/**
 * A set of the addresses on the account list, stored as eight bytes of each address's SHA-256 digest. A million addresses fit into a
 * function's memory, and no address is stored in the projects table.
 */
import { createHash } from 'node:crypto'

const digestBytes = 8

/** The digests of the addresses of one page of the account list, one after another. */
export function digestsOf(addresses: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(addresses.length * digestBytes)
  addresses.forEach((address, index) => void bytes.set(digestOf(address), index * digestBytes))
  return bytes
}

export type AddressSet = { has(address: string): boolean; readonly size: number }

/**
 * Among a million addresses, the chance that two share a digest is one in forty million. One of the two then waits for the next reconcile.
 *
 * @param pages digests as `digestsOf` makes them
 */
export function createAddressSet(pages: readonly Uint8Array[]): AddressSet {
  const totalBytes = pages.reduce((sum, page) => sum + page.length, 0)
  const bytes = Buffer.concat(pages, totalBytes)
  const digests = new BigUint64Array(totalBytes / digestBytes)
  for (let index = 0; index < digests.length; index++) digests[index] = bytes.readBigUInt64BE(index * digestBytes)
  digests.sort()
  return {
    size: digests.length,
    has(address) {
      const wanted = Buffer.from(digestOf(address)).readBigUInt64BE()
      let [low, high] = [0, digests.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if ((digests[middle] ?? 0n) < wanted) low = middle + 1
        else high = middle
      }
      return digests[low] === wanted
    },
  }
}

const digestOf = (address: string): Uint8Array => createHash('sha256').update(address).digest().subarray(0, digestBytes)
