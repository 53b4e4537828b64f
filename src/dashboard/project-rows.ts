/** One row for each project: its rates, its list, its connection, and how it stands. */

import type * as v from 'valibot'
import { judgingOf } from '../activity/judging.ts'
import { concurrently } from '../concurrently.ts'
import { silenceText } from '../feeds/silence.ts'
import type { Connection } from '../projects/connection.ts'
import type { HoldState } from '../projects/hold.ts'
import type { Project } from '../projects/project.ts'
import type { ConnectionState, ProjectRow, Standing } from './answers.ts'
import type { ListSummaries, ListSummary } from './list-summary.ts'
import type { MailCounts, MailCountsReader } from './mail-counts.ts'
import { hasMail, ratesAnswerOf, type Windows, windowsAnswerOf, worstOf } from './rates.ts'
import type { DashboardStack } from './stack.ts'

const readsAtOnce = 8

export type ProjectState = {
  readonly project: Project
  readonly connection: Connection | undefined
  readonly mail: MailCounts
  readonly windows: Windows
  readonly list: ListSummary
  readonly hold: HoldState
  readonly row: ProjectRow
}

export type ProjectRows = ReturnType<typeof createProjectRows>

export function createProjectRows(
  {
    projects,
    connections,
    holdOf,
    silenceOf,
  }: Pick<DashboardStack, 'projects' | 'connections' | 'holdOf' | 'silenceOf'>,
  mailCounts: MailCountsReader,
  lists: ListSummaries,
  now: () => Date,
) {
  async function statesOf(wanted: readonly Project[], connected: readonly Connection[]): Promise<ProjectState[]> {
    const mails = await mailCounts.of(wanted.map(({ id }) => id))
    const summaries = new Map<string, ListSummary>()
    const held = new Map<string, HoldState>()
    const silences = new Map<string, string>()
    await concurrently(wanted, Math.min(readsAtOnce, wanted.length), async (project) => {
      summaries.set(project.id, await lists.of(project))
      held.set(project.id, await holdOf(project.id, now()))
      const silence = await silenceOf(project.id)
      if (silence) silences.set(project.id, silenceText(silence))
    })
    return wanted.flatMap((project) => {
      const [mail, list, hold] = [mails.get(project.id), summaries.get(project.id), held.get(project.id)]
      if (!mail || !list || !hold) return []
      const silence = silences.get(project.id)
      const connection = connected.find((one) => one.project === project.id)
      const windows = windowsAnswerOf(mail.hours, now(), hold.resumedAt, judgingOf(project))
      return [
        {
          project,
          connection,
          mail,
          windows,
          list,
          hold,
          row: { ...rowOf(project, connection, windows, mail, list, hold), ...(silence !== undefined && { silence }) },
        },
      ]
    })
  }

  return {
    all: async (): Promise<ProjectState[]> => statesOf(await projects.all(), await connections.all()),

    /** @returns `undefined` if there is no such project */
    async one(id: string): Promise<ProjectState | undefined> {
      const [project, connection] = await Promise.all([projects.find(id), connections.find(id)])
      return project && (await statesOf([project], connection ? [connection] : []))[0]
    },
  }
}

function rowOf(
  { id, account, activity, sending }: Project,
  connection: Connection | undefined,
  windows: Windows,
  { byDay }: MailCounts,
  list: ListSummary,
  { holds, warning }: HoldState,
): ProjectRow {
  return {
    id,
    account,
    day: windows.find(({ days }) => days === 1) ?? ratesAnswerOf(new Map()),
    standing: worstOf([
      ...windows.flatMap(({ bounces, complaints }): Standing[] => [bounces.standing, complaints.standing]),
      ...(holds.length > 0 ? ['critical' as const] : warning ? ['warning' as const] : []),
    ]),
    suppressed: { count: list.total, atLeast: list.atLeast },
    connection: stateOf(connection),
    hasActivity: hasMail(byDay) || (activity !== undefined && activity !== 'off'),
    paused: sending?.paused === true,
    holds: holds.map(({ cause, since, until, why }) => ({
      by: holders[cause],
      since: since.toISOString(),
      ...(until && { until: until.toISOString() }),
      why,
    })),
  }
}

const holders: Readonly<Record<HoldState['holds'][number]['cause'], string>> = {
  operator: 'held by a person',
  rates: 'held by its rates',
  ses: 'stopped by SES',
}

const stateOf = (connection: Connection | undefined): v.InferOutput<typeof ConnectionState> =>
  connection?.state ?? 'none'
