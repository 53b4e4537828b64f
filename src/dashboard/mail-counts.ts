/**
 * The counts of mail that the screens show: of each project over the shown days, with domains and configuration sets.
 */
import { type Day, dayOf, daysBetween } from '../activity/bucket.ts'
import { type Counts, sumOf } from '../activity/counts.ts'
import type { CountsBySet, Hours } from '../activity/day-counts.ts'
import type { Domains } from '../activity/domains.ts'
import { concurrently } from '../concurrently.ts'
import { dayMs } from '../time.ts'
import { createKept } from './kept.ts'
import type { DashboardStack } from './stack.ts'

/** Days of a chart. */
export const shownDays = 30
/** The trend of the first shown day needs the six days before it. */
const trendDays = 7
const projectsAtOnce = 6
const keepMs = 2_000

export type MailCounts = {
  /** Consecutive days, oldest first, of which the last `shownDays` are shown. */
  readonly byDay: ReadonlyMap<Day, Counts>
  readonly hours: readonly { readonly day: Day; readonly hours: Hours }[]
  /** Of the shown days, as they were last counted. */
  readonly domains: Domains
  readonly sets: CountsBySet
}

export type MailCountsReader = ReturnType<typeof createMailCounts>

export function createMailCounts({ counts }: Pick<DashboardStack, 'counts'>, now: () => Date) {
  const kept = createKept<MailCounts>(
    () => keepMs,
    () => now().getTime(),
  )
  /** Oldest first; today is the last. */
  const days = (): Day[] =>
    daysBetween(dayOf(new Date(now().getTime() - (shownDays + trendDays - 2) * dayMs)), dayOf(now()))

  const read = (project: string) =>
    kept.of(project, async () => {
      const wanted = days()
      const shown = wanted.slice(-shownDays)
      const [found, domains] = await Promise.all([counts.daysOf(project, wanted), counts.domainsOf(project, shown)])
      return {
        byDay: new Map(found.map(({ day, counts: ofDay }): [Day, Counts] => [day, ofDay])),
        hours: found,
        domains,
        sets: sumOfSets(found.slice(-shownDays).map(({ sets }) => sets)),
      }
    })

  return {
    /** The counts of some projects, by project. */
    async of(projects: readonly string[]): Promise<Map<string, MailCounts>> {
      const all = new Map<string, MailCounts>()
      await concurrently(projects, Math.min(projectsAtOnce, projects.length), async (project) =>
        all.set(project, await read(project)),
      )
      return all
    },
  }
}

/** The counts of several projects together, day by day. */
export function togetherOf(several: readonly MailCounts[]): ReadonlyMap<Day, Counts> {
  const days = several[0] ? [...several[0].byDay.keys()] : []
  return new Map(days.map((day): [Day, Counts] => [day, sumOf(several.flatMap(({ byDay }) => byDay.get(day) ?? []))]))
}

function sumOfSets(several: readonly CountsBySet[]): CountsBySet {
  const names = new Set(several.flatMap((sets) => [...sets.keys()]))
  return new Map(
    [...names].map((name): [string, Counts] => [name, sumOf(several.flatMap((sets) => sets.get(name) ?? []))]),
  )
}
