/**
 * When a connection is due for its next proof: once a day, at a time derived from the name of its project, so that the proofs of many
 * projects are spread over the day.
 *
 * The index of due work (src/projects/due-work.ts) says which connections a run looks at. Whether one is due follows from the time of its
 * last proof, so a run finds what the one before did not reach.
 */
import { createHash } from 'node:crypto'
import { dayMs } from '../time.ts'
import type { Connection } from './connection.ts'

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

/** The first time after `now` at which a project becomes due. */
export const nextProofAt = (project: string, now: Date): Date => new Date(lastDueAt(project, now).getTime() + dayMs)

export const isDue = ({ project, roleArn, checkedAt }: Connection, now: Date): boolean =>
  roleArn !== undefined && (checkedAt === undefined || checkedAt < lastDueAt(project, now))
