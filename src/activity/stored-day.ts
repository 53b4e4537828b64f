/** The items of the counts table (src/activity/stored-counts.ts): what of a day's counts is stored in which attribute. Pure. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { type EventType, eventSchemas } from '../intake/event.ts'
import { dayMs } from '../time.ts'
import type { Day } from './bucket.ts'
import { type Apart, addTo, type Counts, type Kind, kindKeyOf, noVolume, type Volume, volumeFields } from './counts.ts'
import type { CountsBySet, DayCounts, Hours } from './day-counts.ts'
import type { Domains } from './domains.ts'

type Item = Record<string, AttributeValue>

/** What is stored of a day. */
export type Part = 'live' | 'sealed' | 'domains'

/** Each part has a partition of its own, so that a role can be limited to it. */
export const countsKeyOf = (project: string, part: Part, day: Day) => ({
  counts: { S: `${part}#${project}` },
  day: { S: day },
})

/** Counts are kept for two years, and a month for the comparison with the same days of the year before. */
const keptDays = 762

/** TTL of the counts of a day, in seconds. */
export const countsExpiryOf = (day: Day) => ({ N: String(Math.floor((Date.parse(day) + keptDays * dayMs) / 1000)) })

/** Live: numbers by attribute. */
export type LiveDay = DayCounts & {
  /** Changes with each addition. */
  readonly mark: string
  /** All events that were added. */
  readonly total: number
}

export type SealedDay = DayCounts & {
  readonly sets: CountsBySet
  readonly sealedAt: Date
  /** Grows with each seal, so that a seal that was overtaken by another is not stored. */
  readonly revision: number
  /** The mark of the live counts when the events were counted, and their total. */
  readonly liveMark: string
  readonly liveTotal: number
}

/** Field of a volume → its letter in the name of an attribute. Names count for the size of an item, and an update of up to 1 KB costs one unit. */
const letters = { sent: 's', notSent: 'n', bounces: 'b', complaints: 'c' } as const satisfies Record<
  keyof Volume,
  string
>

/** Attribute → what is added to it: `Bounce|Permanent General` for a kind, `13s` for what was sent from 13:00 on. */
export function liveAdditionsOf({ counts, hours }: DayCounts): Map<string, number> {
  const additions = new Map<string, number>()
  for (const { count, ...kind } of counts.values()) additions.set(kindKeyOf(kind).replace(/\|+$/, ''), count)
  for (const [hour, volume] of hours)
    for (const field of volumeFields) if (volume[field] > 0) additions.set(`${hour}${letters[field]}`, volume[field])
  return additions
}

/** An attribute that this version does not know is left out. */
export function readLive(item: Item): LiveDay {
  const counts: Counts = new Map()
  const hours: Hours = new Map()
  for (const [name, { N }] of Object.entries(item)) {
    const hour = Number.parseInt(name, 10)
    const field = volumeFields.find((one) => name === `${hour}${letters[one]}`)
    if (field) hours.set(hour, { ...(hours.get(hour) ?? noVolume), [field]: Number(N) })
    const [type = '', detail = '', apart = ''] = name.split('|')
    addKind(counts, [type, detail, apart, Number(N)])
  }
  return { counts, hours, mark: item.mark?.S ?? '', total: Number(item.total?.N ?? 0) }
}

export const sealedAttributesOf = ({ counts, hours, sets, ...seal }: SealedDay): Item => ({
  rows: { S: JSON.stringify(rowsOf(counts)) },
  hours: { S: JSON.stringify(volumeRowsOf(hours)) },
  sets: { S: JSON.stringify([...sets].map(([set, ofSet]) => [set, rowsOf(ofSet)])) },
  sealedAt: { S: seal.sealedAt.toISOString() },
  revision: { N: String(seal.revision) },
  liveMark: { S: seal.liveMark },
  liveTotal: { N: String(seal.liveTotal) },
})

/** @throws ValiError */
export function readSealed(item: Item): SealedDay {
  const { rows, hours, sets, sealedAt, revision, liveMark, liveTotal } = v.parse(SealedItem, item)
  return {
    counts: countsIn(rows.S),
    hours: new Map(hours.S.map(([hour, volume]) => [Number(hour), volume])),
    sets: new Map(sets.S.map(([set, ofSet]) => [set, countsIn(ofSet)])),
    sealedAt: new Date(sealedAt.S),
    revision: Number(revision.N),
    liveMark: liveMark.S,
    liveTotal: Number(liveTotal.N),
  }
}

export const domainsTextOf = (domains: Domains): string => JSON.stringify(volumeRowsOf(domains))

/** @throws ValiError */
export const readDomains = (item: Item): Domains => new Map(v.parse(DomainsItem, item).domains.S)

type Row = readonly [type: string, detail: string, apart: string, count: number]

const rowsOf = (counts: Counts): Row[] =>
  [...counts.values()].map(({ type, detail, apart, count }) => [type, detail ?? '', apart ?? '', count])

const volumeRowsOf = <Key>(volumes: ReadonlyMap<Key, Volume>) =>
  [...volumes].map(([key, { sent, notSent, bounces, complaints }]) => [key, sent, notSent, bounces, complaints])

function countsIn(rows: readonly Row[]): Counts {
  const counts: Counts = new Map()
  for (const row of rows) addKind(counts, row)
  return counts
}

/** A kind that this version does not know is left out. */
function addKind(counts: Counts, [type, detail, apart, count]: Row): void {
  if (!isType(type) || !isApart(apart)) return
  const kind: Kind = { type, ...(detail && { detail }), ...(apart && { apart }) }
  addTo(counts, kind, count)
}

const isType = (name: string): name is EventType => Object.hasOwn(eventSchemas, name)
const isApart = (name: string): name is Apart | '' => ['', 'SES sent nothing', 'simulator'].includes(name)

const json = <const Schema extends v.GenericSchema>(schema: Schema) =>
  v.object({ S: v.pipe(v.string(), v.parseJson(), schema) })
const RowSchema = v.tuple([v.string(), v.string(), v.string(), v.number()])
const VolumeRow = v.pipe(
  v.tuple([v.union([v.string(), v.number()]), v.number(), v.number(), v.number(), v.number()]),
  v.transform(([key, sent, notSent, bounces, complaints]): [string, Volume] => [
    String(key),
    { sent, notSent, bounces, complaints },
  ]),
)
const Text = v.object({ S: v.string() })
const Numeral = v.object({ N: v.string() })
const SealedItem = v.object({
  rows: json(v.array(RowSchema)),
  hours: json(v.array(VolumeRow)),
  sets: json(v.array(v.tuple([v.string(), v.array(RowSchema)]))),
  sealedAt: v.object({ S: v.pipe(v.string(), v.isoTimestamp()) }),
  revision: Numeral,
  liveMark: Text,
  liveTotal: Numeral,
})
const DomainsItem = v.object({ domains: json(v.array(VolumeRow)) })
