/**
 * Log lines about addresses. The pseudonym of an address takes the place of the address.
 */

/** Writes the facts as one line of JSON. */
export type AddressLog = (facts: { readonly address?: string; readonly [fact: string]: unknown }) => void

export const createAddressLog =
  (log: (line: string) => void, pseudonymOf: (address: string) => string): AddressLog =>
  ({ address, ...facts }) =>
    log(JSON.stringify({ ...facts, ...(address !== undefined && { address: pseudonymOf(address) }) }))
