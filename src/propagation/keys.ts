/**
 * Keys of the items that propagation stores in the projects table. Its roles may write items under these keys and no other item of that
 * table.
 *
 *     id                            facet                              attributes
 *     propagation#state             acme                               behind, run, preview, finished
 *     propagation#state             lease 111122223333 us-east-1       lease
 *     propagation#pages#acme        4f1d…#000012                       seen, expiresAt
 *     propagation#expiries#acme     2026-04-03T10:00:00.000Z a@b       expiresAt
 *     propagation#ends#2026-04-03   2026-04-03T10:00:00.000Z acme a@b  expiresAt     (before version 0.3)
 *     propagation#due#7             2026-04-03T10:15:00.000Z acme      stamp, tries  (src/projects/due-work.ts)
 *     propagation#pass              directory                          startedAt, after
 */

export const stateKey = 'propagation#state'
export const pagesKeyOf = (project: string): string => `propagation#pages#${project}`
/** Each project has a key of its own, so that the expiries of one do not stand in the way of the others. */
export const expiriesKeyOf = (project: string): string => `propagation#expiries#${project}`
/** The key of the expiries of all projects on one day, as versions before 0.3 stored them. */
export const expiriesOfDayKeyOf = (time: Date): string => `propagation#ends#${time.toISOString().slice(0, 10)}`

/** Seconds since 1970, as DynamoDB's number and TTL attributes need them. */
export const secondsOf = (time: Date): string => String(Math.ceil(time.getTime() / 1_000))
