/**
 * Keys of the items that propagation stores in the projects table. Its roles may write items under these keys and no other item of that
 * table.
 *
 *     id                            facet                              attributes
 *     propagation#state             acme                               behind, run, preview, finished
 *     propagation#state             lease 111122223333 us-east-1       lease
 *     propagation#pages#acme        4f1d…#000012                       seen, expiresAt
 *     propagation#ends#2026-04-03   2026-04-03T10:00:00.000Z acme a@b  expiresAt
 */

export const stateKey = 'propagation#state'
export const pagesKeyOf = (project: string): string => `propagation#pages#${project}`
/** @param time a time on the day whose expiries are stored under this key */
export const expiriesKeyOf = (time: Date): string => `propagation#ends#${time.toISOString().slice(0, 10)}`

/** Seconds since 1970, as DynamoDB's number and TTL attributes need them. */
export const secondsOf = (time: Date): string => String(Math.ceil(time.getTime() / 1_000))
