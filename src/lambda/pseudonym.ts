/**
 * Pseudonyms of addresses for logs: with the key, a person can find the lines about an address; an address cannot be read from its pseudonym.
 */
import { createHmac } from 'node:crypto'

/** @returns address → 8 hexadecimal digits, the same for the same address and key */
export const createPseudonyms =
  (key: string) =>
  (address: string): string =>
    createHmac('sha256', key).update(address).digest('hex').slice(0, 8)
