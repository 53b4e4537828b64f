/**
 * Partition key of `recipient-index`: project and address, as they are. A hash would hide nothing, because the item has the address, and the
 * function that forgets an address could not find it without the hash.
 */
export const personOf = (project: string, address: string): string => `${project}#${address}`
