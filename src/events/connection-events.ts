/**
 * `Connection Quarantined` and `Connection Restored`: the proof of a connection failed, or passed again after it had failed.
 *
 * `Connection Quarantined` is published after every failed proof until the connection is repaired, so a lost event does no harm. Either event
 * can arrive twice.
 */
import * as v from 'valibot'
import type { Connection } from '../projects/connection.ts'

const time = v.pipe(v.string(), v.isoTimestamp())

const common = {
  project: v.pipe(v.string(), v.description('Id of the project')),
  account: v.pipe(v.string(), v.regex(/^\d{12}$/), v.description("The customer's AWS account")),
  region: v.pipe(v.string(), v.description('Region of the SES account')),
  at: v.pipe(time, v.description('Time of the proof')),
}

export const ConnectionQuarantined = v.pipe(
  v.strictObject({
    ...common,
    since: v.pipe(time, v.description('Time of the first of the failed proofs')),
    why: v.pipe(v.string(), v.description('The step that failed, and what it found')),
  }),
  v.description(
    'The proof of a connection failed. Sesame uses the connection for nothing but proofs until one passes.',
  ),
)

export const ConnectionRestored = v.pipe(
  v.strictObject(common),
  v.description('The proof of a quarantined connection passed. Sesame uses the connection again.'),
)

type Subject = Pick<Connection, 'project' | 'account' | 'region'>

/** @param at time of the proof */
export const quarantinedEventOf = (
  { project, account, region }: Subject,
  at: Date,
  { since, why }: { readonly since: Date; readonly why: string },
) =>
  ({
    type: 'Connection Quarantined',
    at,
    detail: { project, account, region, at: at.toISOString(), since: since.toISOString(), why },
  }) as const

/** @param at time of the proof */
export const restoredEventOf = ({ project, account, region }: Subject, at: Date) =>
  ({ type: 'Connection Restored', at, detail: { project, account, region, at: at.toISOString() } }) as const
