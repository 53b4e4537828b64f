/**
 * Turns the measurements into tables and compares them with the targets.
 */
import type { Cost } from './capacity.ts'
import type { Start } from './cold-starts.ts'
import type { GrowthPoint } from './growth.ts'
import type { Table, Target } from './report.ts'
import type { Bundle } from './shipped-bundle.ts'
import type { WarmResult } from './warm-events.ts'

export function median(values: readonly number[]): number {
  const inOrder = values.toSorted((a, b) => a - b)
  return inOrder[inOrder.length >> 1] ?? Number.NaN
}

/** The median of the ratios of all turns. */
const ratio = (subject: readonly number[], baseline: readonly number[]) =>
  median(subject.map((value, turn) => value / (baseline[turn] ?? Number.NaN)))

export const times = (value: number) => `${value.toFixed(2)} ×`

export function countedTargets(costs: readonly Cost[]): Target[] {
  const of = (part: RegExp) => costs.filter(({ scenario }) => part.test(scenario))
  const most = (rows: readonly Cost[], number: (cost: Cost) => number) => Math.max(...rows.map(number))
  const good = of(/^(soft )?bounce( of 10 recipients)?$|^complaint$/)
  const duplicates = of(/duplicate/)
  const warm = costs.filter(({ scenario }) => !scenario.includes('cold'))
  const [units, reads] = [most(good, (cost) => cost.writeUnits / cost.addresses), most(warm, (cost) => cost.reads)]
  const requests = most(duplicates, (cost) => (cost.reads + cost.writes) / cost.addresses)
  const records = most(duplicates, (cost) => cost.streamRecords)
  const bytes = most(
    good.filter(({ addresses }) => addresses === 1),
    (cost) => cost.loggedBytes,
  )
  return [
    { what: 'write units per address', measured: `${units}`, target: '1', met: units <= 1 },
    { what: 'reads of a warm event', measured: `${reads}`, target: '0', met: reads === 0 },
    { what: 'requests of a duplicate, per address', measured: `${requests}`, target: '1', met: requests <= 1 },
    { what: 'stream records of a duplicate', measured: `${records}`, target: '0', met: records === 0 },
    { what: 'bytes logged per good event', measured: `${bytes}`, target: 'at most 150', met: bytes <= 150 },
  ]
}

/** The baselines: one put of the SDK, bundled plainly and bundled as our functions are, and one request that is signed and sent by hand. */
export type Floors = { readonly plain: Bundle; readonly plainAsOurs: Bundle; readonly raw: Bundle }
export type Starts = { readonly [name in keyof Floors | 'subject']: readonly Start[] }

const wholeOf = (starts: readonly Start[]) => starts.map(({ done }) => done)

export function measuredTargets(
  warm: WarmResult,
  { plain, plainAsOurs, subject }: Starts,
  bundles: ReadonlyMap<string, Bundle>,
): Target[] {
  const atMost = (what: string, value: number, goal: number): Target => ({
    what,
    measured: times(value),
    target: `at most ${times(goal)}`,
    met: value <= goal,
  })
  const largest = (what: string, is: (name: string) => boolean, goal: number): Target => {
    const sizes = [...bundles].filter(([name]) => is(name)).map(([, { zippedBytes }]) => zippedBytes / 1024)
    const kilobytes = Math.max(...sizes)
    return { what, measured: `${kilobytes.toFixed(0)} KB`, target: `at most ${goal} KB`, met: kilobytes <= goal }
  }
  return [
    atMost('CPU of a warm event, against the plain put', ratio(warm['1 recipient'], warm['plain put']), 0.6),
    atMost('cold start, against the plain put', ratio(wholeOf(subject), wholeOf(plain)), 0.6),
    atMost('cold start, against the plain put bundled as ours', ratio(wholeOf(subject), wholeOf(plainAsOurs)), 0.75),
    largest('largest zip of record-*', (name) => name.startsWith('record-'), 35),
    largest('largest zip that an event waits for', (name) => !administrative.has(name), 150),
    largest('largest zip of all', () => true, 150),
  ]
}

export function cpuTable(warm: WarmResult): Table {
  const rows = Object.entries(warm).map(([name, rounds]) => [
    name,
    median(rounds).toFixed(0),
    times(ratio(rounds, warm['plain put'])),
    times(ratio(rounds, warm['raw signed request'])),
  ])
  return { title: 'CPU per warm event', head: ['event', 'CPU µs', 'plain put', 'raw request'], rows }
}

export function costTable(costs: readonly Cost[]): Table {
  const rows = costs.map(({ scenario, ...cost }) => [
    scenario,
    ...[cost.reads, cost.writes, cost.writeUnits, cost.streamRecords, cost.loggedBytes].map(String),
  ])
  return {
    title: 'DynamoDB per event',
    head: ['event', 'reads', 'writes', 'write units', 'stream records', 'bytes logged'],
    rows,
  }
}

export function startTable({ subject, ...floors }: Starts): Table {
  const measures: [string, (start: Start) => number][] = [
    ['process begun to first event done', ({ done }) => done],
    ['of it: loading the bundle', ({ begun, loaded }) => loaded - begun],
    ['of it: the first event', ({ loaded, done }) => done - loaded],
  ]
  const rows = measures.map(([name, of]) => [
    name,
    median(subject.map(of)).toFixed(1),
    ...[floors.plain, floors.plainAsOurs, floors.raw].map((floor) => times(ratio(subject.map(of), floor.map(of)))),
  ])
  return { title: 'Cold start', head: ['', 'record-bounce ms', 'plain put', 'plain put as ours', 'raw request'], rows }
}

/** @param growth by number of projects */
export function growthTable(growth: ReadonlyMap<number, readonly GrowthPoint[]>): Table {
  const first = [...growth.values()][0]?.[0]?.cpuMicroseconds ?? Number.NaN
  const rows = [...growth].flatMap(([projects, points]) =>
    points.map(({ addresses, cpuMicroseconds, heapMegabytes }) => [
      projects.toLocaleString('en-US'),
      addresses.toLocaleString('en-US'),
      times(cpuMicroseconds / first),
      heapMegabytes.toFixed(0),
    ]),
  )
  return { title: 'Growth', head: ['projects', 'addresses before', 'CPU per address, first row', 'heap MB'], rows }
}

/** Functions for whose start no event waits. They use seven services. */
const administrative = new Set(['manage-connection', 'prove-connections'])

export function sizeTable(bundles: ReadonlyMap<string, Bundle>, { plain, plainAsOurs, raw }: Floors): Table {
  const floors = [
    ['plain put', plain],
    ['plain put as ours', plainAsOurs],
    ['raw request', raw],
  ] as const
  const rows = [...floors, ...bundles].map(([name, { bytes, zippedBytes }]) => [
    name,
    (zippedBytes / 1024).toFixed(0),
    (bytes / 1024).toFixed(0),
    times(zippedBytes / plain.zippedBytes),
  ])
  return { title: 'Bundles', head: ['bundle', 'zip KB', 'raw KB', 'ratio'], rows }
}
