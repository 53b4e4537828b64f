/** Reads the dates that providers write: seconds or milliseconds since 1970, ISO 8601, RFC 2822, and `2024-03-01 10:00:00`. Pure. */
import { isFuture } from '../suppression/future.ts'

/** A cell is not a date, or not one that a suppression can have. `why` never repeats the cell. */
export class ImportDateError extends Error {
  override readonly name = 'ImportDateError'
  readonly retryable = false
  readonly why: string

  constructor(why: string) {
    super(`The date ${why}`)
    this.why = why
  }
}

/** No provider of today existed before. An earlier date is a mistake, such as a row number in the wrong column. */
const earliest = new Date('2000-01-01T00:00:00Z')

const epoch = /^\d{9,14}(?:\.\d+)?$/
/** ISO 8601 and its relatives: a space for the `T`, up to nine digits of a second, an offset with or without a colon, the word UTC. */
const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$/i
/** `Fri, 21 Oct 2011 11:02:55 UTC` */
const rfc2822 =
  /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? ?(UTC|GMT|Z|[+-]\d{4})$/
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

type Parts = {
  year: number
  month: number
  day: number
  time: readonly (string | undefined)[]
  zone: string | undefined
}

/**
 * @param offsetMinutes the offset from UTC of a time that names no zone
 * @throws ImportDateError
 */
export function readImportDate(text: string, offsetMinutes: number, now: Date): Date {
  const at = readAnyDate(text, offsetMinutes)
  if (at < earliest) throw new ImportDateError('is before the year 2000')
  if (isFuture(at, now)) throw new ImportDateError('is in the future')
  return at
}

/** A date that may be in the future, such as an expiry. @throws ImportDateError */
export function readAnyDate(text: string, offsetMinutes: number): Date {
  const trimmed = text.trim()
  // Ten digits of seconds reach to the year 2286, and twelve of milliseconds begin in 1973.
  if (epoch.test(trimmed)) return new Date(Math.round(epochMs(trimmed)))
  const parts = isoParts(trimmed) ?? rfcParts(trimmed)
  if (!parts) throw new ImportDateError('is in a form that can be read in more than one way, or not at all')
  return dateOf(parts, offsetMinutes)
}

function epochMs(text: string): number {
  const digits = text.split('.')[0]?.length ?? 0
  return digits >= 12 ? Number(text) : Number(text) * 1_000
}

function isoParts(text: string): Parts | undefined {
  const [found, year, month, day, hour, minute, second, fraction, zone] = iso.exec(text) ?? []
  return found === undefined
    ? undefined
    : { year: Number(year), month: Number(month) - 1, day: Number(day), time: [hour, minute, second, fraction], zone }
}

function rfcParts(text: string): Parts | undefined {
  const [found, day, month = '', year, hour, minute, second, zone] = rfc2822.exec(text) ?? []
  const index = months.indexOf(month)
  return found === undefined || index < 0
    ? undefined
    : { year: Number(year), month: index, day: Number(day), time: [hour, minute, second], zone }
}

function dateOf({ year, month, day, time, zone }: Parts, offsetMinutes: number): Date {
  const [hour = '0', minute = '0', second = '0', fraction = '0'] = time
  const ms = Math.floor(Number(`0.${fraction}`) * 1_000)
  const utc = Date.UTC(year, month, day, Number(hour), Number(minute), Number(second), ms)
  const back = new Date(utc)
  // The 30th of February is not the 1st of March.
  if (back.getUTCMonth() !== month || back.getUTCDate() !== day || Number(hour) > 23 || Number(minute) > 59)
    throw new ImportDateError('does not exist in the calendar')
  return new Date(utc - offsetOf(zone, offsetMinutes) * 60_000)
}

function offsetOf(zone: string | undefined, otherwise: number): number {
  if (zone === undefined) return otherwise
  const [found, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? []
  if (found === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
