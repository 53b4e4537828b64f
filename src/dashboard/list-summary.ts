/** What the screens show of a suppression list: its length, its reasons, its growth, and who was suppressed last. */
import { type Day, dayOf, daysBetween } from '../activity/bucket.ts'
import type { Project } from '../projects/project.ts'
import { judge, type SuppressionReason } from '../suppression/judge.ts'
import { dayMs } from '../time.ts'
import { createKept } from './kept.ts'
import { shownDays } from './mail-counts.ts'
import type { DashboardStack } from './stack.ts'

/** Addresses that are read of one list. A longer list is shown as such: reading all of it would take minutes. */
const mostRead = 20_000
const latestShown = 10

type Suppressed = { readonly address: string; readonly reason: SuppressionReason; readonly since: Date }

export type ListSummary = {
  readonly total: number
  /** The list is longer than what was read. */
  readonly atLeast: boolean
  readonly byReason: ReadonlyMap<SuppressionReason, number>
  /** For each shown day, oldest first: entries of today's list that were there at its end, and that came on the day. */
  readonly growth: readonly { readonly day: Day; readonly total: number; readonly added: number }[]
  readonly latest: readonly Suppressed[]
}

export type ListSummaries = ReturnType<typeof createListSummaries>

export function createListSummaries({ list }: Pick<DashboardStack, 'list'>, now: () => Date) {
  const kept = createKept<ListSummary>(
    () => 3_000,
    () => now().getTime(),
  )
  return {
    of: (project: Pick<Project, 'id' | 'rules'>): Promise<ListSummary> => kept.of(project.id, () => read(project)),
    clear: kept.clear,
  }

  async function read({ id, rules }: Pick<Project, 'id' | 'rules'>): Promise<ListSummary> {
    const suppressed: Suppressed[] = []
    let count = 0
    for await (const [address, record] of list.records(id)) {
      if (count++ === mostRead) break
      const verdict = judge(record, rules, now())
      if (verdict.state === 'suppressed') suppressed.push({ address, reason: verdict.reason, since: verdict.since })
    }
    const days = daysBetween(dayOf(new Date(now().getTime() - (shownDays - 1) * dayMs)), dayOf(now()))
    const byDay = Map.groupBy(suppressed, ({ since }) => dayOf(since))
    const before = suppressed.filter(({ since }) => dayOf(since) < (days[0] ?? '')).length
    const growth = days.map((day) => ({ day, added: byDay.get(day)?.length ?? 0 }))
    return {
      total: suppressed.length,
      atLeast: count > mostRead,
      byReason: new Map(
        [...Map.groupBy(suppressed, ({ reason }) => reason)].map(([reason, of]) => [reason, of.length]),
      ),
      growth: growth.map(({ day, added }, index) => ({
        day,
        added,
        total: before + growth.slice(0, index + 1).reduce((sum, one) => sum + one.added, 0),
      })),
      latest: suppressed.toSorted((one, other) => other.since.getTime() - one.since.getTime()).slice(0, latestShown),
    }
  }
}
