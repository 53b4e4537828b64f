/**
 * Where the activity of a message is stored: the day on which it was sent, and one of several partitions of that day. Pure.
 *
 * All events of a message have the same partition, so its timeline is one query, and the counts of a day are those of the mail sent on that day.
 */
import { createHash } from 'node:crypto'
import { dayMs } from '../time.ts'

/** DynamoDB accepts 1,000 writes a second in a partition. So four partitions allow 4,000 events a second of one project. */
const bucketsPerDay = 4

/** A calendar day of UTC, such as `2026-03-01`. */
export type Day = string

export const dayOf = (time: Date): Day => time.toISOString().slice(0, 10)

/** The days from one to another, both included. */
export function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = []
  for (let at = Date.parse(from); at <= Date.parse(to); at += dayMs) days.push(dayOf(new Date(at)))
  return days
}

/**
 * When SES accepted a message, as its id says: `0100018f30c2f577-…` is a number of SES, then the milliseconds since 1970 in hexadecimal.
 * @returns `undefined` if the id has another form
 */
export function sentAtOf(messageId: string): Date | undefined {
  const [, hexadecimal] = /^[\da-f]{4}([\da-f]{12})-/.exec(messageId) ?? []
  return hexadecimal === undefined ? undefined : new Date(Number.parseInt(hexadecimal, 16))
}

/** When a message was sent: as its id says if that agrees with the time of the mail, and else that time. */
export function sentTimeOf(messageId: string, mailAt: Date): Date {
  const sentAt = sentAtOf(messageId)
  const agrees = sentAt !== undefined && Math.abs(sentAt.getTime() - mailAt.getTime()) <= dayMs
  return agrees ? sentAt : mailAt
}

export const dayOfMessage = (messageId: string, mailAt: Date): Day => dayOf(sentTimeOf(messageId, mailAt))

const bucketOf = (project: string, day: Day, number: number) => `${project}#${day}#${number}`

export const bucketsOf = (project: string, day: Day): string[] =>
  Array.from({ length: bucketsPerDay }, (_, number) => bucketOf(project, day, number))

export const bucketOfMessage = (project: string, day: Day, messageId: string): string =>
  bucketOf(project, day, createHash('sha256').update(messageId).digest().readUInt32BE() % bucketsPerDay)
