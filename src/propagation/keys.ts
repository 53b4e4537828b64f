/**
 * What propagation remembers, in the projects table under keys of its own: its roles may write there and nowhere else in that table.
 *
 *     id                            facet                              holds
 *     propagation#state             acme                               behind, run, preview, finished
 *     propagation#state             lease 111122223333 us-east-1       lease
 *     propagation#pages#acme        4f1d…#000012                       seen, expiresAt
 *     propagation#ends#2026-04-03   2026-04-03T10:00:00.000Z acme a@b  expiresAt
 */

export const stateKey = 'propagation#state'
export const pagesKeyOf = (project: string): string => `propagation#pages#${project}`
export const expiriesKeyOf = (day: Date): string => `propagation#ends#${day.toISOString().slice(0, 10)}`

export const secondsOf = (time: Date): string => String(Math.ceil(time.getTime() / 1_000))
