/**
 * How the suppression list of a project has grown: its length now, its reasons, and what each day of the period added.
 *
 * It is read from today's list, so an address that was reinstated since is missing from the days before. Contains no address.
 */
import { type Day, dayOf } from '../activity/bucket.ts'
import { type AddressRecord, judge, type SuppressionReason } from '../suppression/judge.ts'
import type { SuppressionRules } from '../suppression/rules.ts'

export type ListGrowth = {
  /** Suppressed addresses. */
  readonly total: number
  /** The list is longer than what was read: the numbers are of the part that was. */
  readonly isPart: boolean
  readonly byReason: Readonly<Partial<Record<SuppressionReason, number>>>
  readonly days: readonly { readonly day: Day; readonly added: number; readonly total: number }[]
}

/** @param most addresses to read */
export async function listGrowthOf(
  records: AsyncIterable<readonly [string, AddressRecord]>,
  rules: SuppressionRules,
  days: readonly Day[],
  most: number,
  now: Date,
): Promise<ListGrowth> {
  const [first = '', last = ''] = [days[0], days.at(-1)]
  const added = new Map(days.map((day) => [day, 0]))
  const byReason: Partial<Record<SuppressionReason, number>> = {}
  let [read, total, before] = [0, 0, 0]
  for await (const [, record] of records) {
    if (read++ === most) break
    const verdict = judge(record, rules, now)
    if (verdict.state !== 'suppressed') continue
    total++
    byReason[verdict.reason] = (byReason[verdict.reason] ?? 0) + 1
    const day = dayOf(verdict.since)
    if (day < first) before++
    else if (day <= last) added.set(day, (added.get(day) ?? 0) + 1)
  }
  let sum = before
  const growth = [...added].map(([day, count]) => {
    sum += count
    return { day, added: count, total: sum }
  })
  return { total, isPart: read > most, byReason, days: growth }
}
