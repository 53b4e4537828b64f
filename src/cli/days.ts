/** Options that select days: `--from`, `--to` and `--day`, as calendar days of UTC. */
import { InvalidArgumentError } from 'commander'
import { type Day, dayOf, daysBetween } from '../activity/bucket.ts'
import { dayMs } from '../time.ts'
import { UsageError } from './usage-error.ts'

/** @throws InvalidArgumentError if the text is no day of the calendar */
export function calendarDay(text: string): Day {
  const time = Date.parse(`${text}T00:00:00Z`)
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && dayOf(new Date(time)) === text) return text
  throw new InvalidArgumentError('Give a day of UTC, such as 2026-03-01.')
}

/** Days that are counted by one command. The events of a longer period have expired. */
const maxDays = 400

/**
 * The days of a period; by default the last 30 up to now.
 * @throws UsageError if the period is empty or too long
 */
export function daysOf({ from, to }: { readonly from?: Day; readonly to?: Day }, now: Date): Day[] {
  const last = to ?? dayOf(now)
  const first = from ?? dayOf(new Date(Date.parse(last) - 29 * dayMs))
  if (first > last) throw new UsageError(`The period ends before it begins: --from ${first} is after --to ${last}`)
  if (Date.parse(last) - Date.parse(first) >= maxDays * dayMs)
    throw new UsageError(`The period has more than ${maxDays} days: give a later --from`)
  return daysBetween(first, last)
}
