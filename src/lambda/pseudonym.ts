/**
 * Names for addresses in logs: who has the key can find an address's lines, nobody can read an address from them.
 */
import { createHmac } from 'node:crypto'

/** @returns 8 hexadecimal digits, the same for the same address and key */
export const createPseudonyms =
  (key: string) =>
  (address: string): string =>
    createHmac('sha256', key).update(address).digest('hex').slice(0, 8)
