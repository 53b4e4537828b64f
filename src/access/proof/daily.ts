/**
 * When a connection is to be proven again: once a day, at a minute of its own, so that a thousand proofs do not come at once.
 *
 * Nothing is remembered but when each was last proven, so what one run leaves over the next one finds due.
 */
import { createHash } from 'node:crypto'
import type { Connection } from '../../projects/connection.ts'

const day = 24 * 60 * 60_000
const minute = 60_000

/** The minute of the day that a project's name falls on, as milliseconds after midnight UTC. */
export const minuteOf = (project: string): number =>
  (createHash('sha256').update(project).digest().readUInt32BE(0) % (day / minute)) * minute

/** When its turn last came. */
export function lastTurn(project: string, now: Date): Date {
  const midnight = Math.floor(now.getTime() / day) * day
  const today = midnight + minuteOf(project)
  return new Date(today <= now.getTime() ? today : today - day)
}

export const isDue = ({ project, roleArn, checkedAt }: Connection, now: Date): boolean =>
  roleArn !== undefined && (checkedAt === undefined || checkedAt < lastTurn(project, now))
