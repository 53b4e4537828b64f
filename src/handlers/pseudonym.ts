/**
 * Names for addresses in logs: who has the key can find an address's lines, nobody can read an address from them.
 *
 * Of the hash only 32 bits are shown, so nothing can be appended to what was hashed, which is all that an HMAC would prevent at four
 * times the cost.
 */
import { hash } from 'node:crypto'

/** @returns 8 hexadecimal digits, the same for the same address and key */
export const pseudonymsWith =
  (key: string) =>
  (address: string): string =>
    hash('sha256', `${key} ${address}`).slice(0, 8)
