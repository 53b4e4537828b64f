/** Reads what the report of a project is made from. The stores are arguments, because each reader reaches them with another role. */

import { type Day, dayOf, daysBetween } from '../activity/bucket.ts'
import { judgingOf } from '../activity/judging.ts'
import type { StoredCounts } from '../activity/stored-counts.ts'
import { daysOfWindows, windowsEndOf } from '../activity/windows.ts'
import type { Use } from '../audit/uses.ts'
import type { Silence } from '../feeds/judge-feed.ts'
import type { ConnectionState } from '../projects/connection-state.ts'
import type { HoldState } from '../projects/hold.ts'
import type { Project } from '../projects/project.ts'
import type { Proof } from '../projects/proofs.ts'
import type { AddressRecord } from '../suppression/judge.ts'
import { dayMs } from '../time.ts'
import { healthOf } from './health.ts'
import { listGrowthOf } from './list-growth.ts'
import { type AccountFacts, type Report, reportOf } from './report.ts'

export type ReportStores = {
  readonly counts: Pick<StoredCounts, 'daysOf' | 'domainsOf'>
  readonly holdOf: (project: string, now: Date) => Promise<HoldState>
  readonly silenceOf: (project: string) => Promise<Silence | undefined>
  readonly connectionOf: (project: string) => Promise<(ConnectionState & { readonly roleArn?: string }) | undefined>
  /** Absent if the reader may not read proofs. */
  readonly lastProofOf?: (project: string) => Promise<Proof | undefined>
  readonly recordsOf: (project: string) => AsyncIterable<readonly [string, AddressRecord]>
  /** What SES says about the account. Absent if the reader may not ask. */
  readonly accountOf?: (project: string) => Promise<AccountFacts | undefined>
  /** Absent if the reader may not know who used roles. */
  readonly usesOf?: (roleArn: string, from: Date, to: Date) => Promise<readonly Use[]>
}

/** The trend of the first day needs the six days before it. */
const trendDays = 6

/**
 * @param days consecutive, oldest first
 * @param mostAddresses of the suppression list that are read
 */
export async function gatherReport(
  stores: ReportStores,
  project: Pick<Project, 'id' | 'rules' | 'holdRules'>,
  days: readonly Day[],
  mostAddresses: number,
  now: Date,
): Promise<Report> {
  const { id, rules } = project
  const [first = dayOf(now), last = dayOf(now)] = [days[0], days.at(-1)]
  const connection = await stores.connectionOf(id)
  const [stored, domains, hold, silence, proof, list, account, uses] = await Promise.all([
    stores.counts.daysOf(id, daysBetween(earliestOf(days, first, last, now), last)),
    stores.counts.domainsOf(id, days),
    stores.holdOf(id, now),
    stores.silenceOf(id),
    stores.lastProofOf ? stores.lastProofOf(id) : ('not read' as const),
    listGrowthOf(stores.recordsOf(id), rules, days, mostAddresses, now),
    stores.accountOf?.(id),
    connection?.roleArn === undefined
      ? undefined
      : stores.usesOf?.(connection.roleArn, new Date(`${first}T00:00:00Z`), new Date(Date.parse(last) + dayMs)),
  ])
  const health = healthOf({ connection, proof, silence, uses })
  const judging = judgingOf(project)
  return reportOf({ project: id, stored, days, domains, hold, health, list, judging, account, now })
}

/** The days of the period, as many before it, those of the trend, and those of the windows. */
function earliestOf(days: readonly Day[], first: Day, last: Day, now: Date): Day {
  const back = dayOf(new Date(Date.parse(first) - Math.max(days.length, trendDays) * dayMs))
  const [ofWindows = back] = daysOfWindows(windowsEndOf(last, now))
  return ofWindows < back ? ofWindows : back
}
