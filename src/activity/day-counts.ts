/**
 * What is counted of the mail of one day: events, the hours in which it was sent, configuration sets, domains. Pure.
 *
 * Events are counted on the day, and in the hour, in which their mail was sent, so both numbers of a rate are about the same mail.
 */
import {
  type Counted,
  type Counts,
  countInto,
  greaterVolume,
  kindOf,
  noVolume,
  sumOf,
  sumOfVolumes,
  type Volume,
  volumeFields,
  volumeOf,
} from './counts.ts'
import { countDomainInto, type Domains } from './domains.ts'

/** Hour of the day, 0 to 23 in UTC → what rates are made of. */
export type Hours = Map<number, Volume>

/** Configuration set → its counts. */
export type CountsBySet = Map<string, Counts>

export type DayCounts = {
  readonly counts: Counts
  readonly hours: Hours
}

/** With what only a sealed day has. */
export type CountedDay = DayCounts & {
  readonly sets: CountsBySet
  readonly domains: Domains
}

export type CountedItem = Counted & {
  /** Hour in which the mail was sent. */
  readonly hour: number
  readonly configurationSet?: string | undefined
}

export const emptyDay = (): CountedDay => ({
  counts: new Map(),
  hours: new Map(),
  sets: new Map(),
  domains: new Map(),
})

export function countDayInto({ counts, hours }: DayCounts, item: CountedItem): void {
  const kind = kindOf(item)
  if (kind === undefined) return
  countInto(counts, item)
  const volume = volumeOf(kind)
  if (volumeFields.some((field) => volume[field] > 0))
    hours.set(item.hour, sumOfVolumes(hours.get(item.hour) ?? noVolume, volume))
}

export const sumOfDays = (one: DayCounts, other: DayCounts): DayCounts => ({
  counts: sumOf([one.counts, other.counts]),
  hours: merged(one.hours, other.hours, sumOfVolumes),
})

/** Counts by configuration set and domain, too. */
export function countFullyInto(day: CountedDay, item: CountedItem): void {
  countDayInto(day, item)
  countDomainInto(day.domains, item)
  const { configurationSet = '' } = item
  const counts = day.sets.get(configurationSet) ?? new Map()
  countInto(counts, item)
  day.sets.set(configurationSet, counts)
}

/** Under this name the configuration sets are counted that are too many to be counted one by one. No set has a name like it. */
const otherSets = '(others)'

const totalOf = (counts: Counts) => [...counts.values()].reduce((sum, { count }) => sum + count, 0)

/** So many sets one by one, those with most events, and the others under one name. */
export function limitedSets(sets: CountsBySet, most: number): CountsBySet {
  const all = [...sets].sort(([a, one], [b, other]) => totalOf(other) - totalOf(one) || (a < b ? -1 : 1))
  const others = all.slice(most).map(([, counts]) => counts)
  return new Map([...all.slice(0, most), ...(others.length > 0 ? [[otherSets, sumOf(others)] as const] : [])])
}

/**
 * The counts of a day whose events were counted again. Events only arrive, so a number that has become smaller says that events have expired or
 * were deleted since. Then each number is the greater of the two: what was counted once stays counted.
 */
export function recountedOf(before: CountedDay, counted: CountedDay): CountedDay {
  const hasLess = [...before.counts].some(([key, { count }]) => (counted.counts.get(key)?.count ?? 0) < count)
  return hasLess ? greaterOf(before, counted) : counted
}

const greaterOf = (one: CountedDay, other: CountedDay): CountedDay => ({
  counts: greaterCounts(one.counts, other.counts),
  hours: greaterHours(one.hours, other.hours),
  sets: merged(one.sets, other.sets, greaterCounts),
  domains: merged(one.domains, other.domains, greaterVolume),
})

function merged<Key, Value>(
  one: ReadonlyMap<Key, Value>,
  other: ReadonlyMap<Key, Value>,
  merge: (a: Value, b: Value) => Value,
): Map<Key, Value> {
  const all = new Map(one)
  for (const [key, value] of other) {
    const before = all.get(key)
    all.set(key, before === undefined ? value : merge(before, value))
  }
  return all
}

export const greaterHours = (one: Hours, other: Hours): Hours => merged(one, other, greaterVolume)

export const greaterCounts = (one: Counts, other: Counts): Counts =>
  merged(one, other, (a, b) => (b.count > a.count ? b : a))
