/**
 * When a connection is due for its next proof: once a day, at a time derived from the name of its project, so that the proofs of many
 * projects are spread over the day.
 *
 * The only state is the time of each connection's last proof, so the next run finds what one run did not reach.
 */
import { createHash } from 'node:crypto'
import type { Connection } from '../../projects/connection.ts'
import { dayMs } from '../../time.ts'

const minuteMs = 60_000

/** The time of day at which a project is due: milliseconds after midnight UTC, on a full minute. */
export const dueTimeOfDayMs = (project: string): number =>
  (createHash('sha256').update(project).digest().readUInt32BE(0) % (dayMs / minuteMs)) * minuteMs

/** The latest time at or before `now` at which a project became due. */
export function lastDueAt(project: string, now: Date): Date {
  const midnight = Math.floor(now.getTime() / dayMs) * dayMs
  const today = midnight + dueTimeOfDayMs(project)
  return new Date(today <= now.getTime() ? today : today - dayMs)
}

export const isDue = ({ project, roleArn, checkedAt }: Connection, now: Date): boolean =>
  roleArn !== undefined && (checkedAt === undefined || checkedAt < lastDueAt(project, now))
