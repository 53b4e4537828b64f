/** Project: how is it doing, and why? Rates over time, causes in plain words, domains, growth of the list, holds. */

import { causesOf, engagementOf } from '../../activity/causes.ts'
import { sumOf } from '../../activity/counts.ts'
import { failingOf } from '../../activity/domains.ts'
import { maskedOf } from '../../intake/masked-address.ts'
import type { AccountStandings } from '../account-standing.ts'
import type { ProjectAnswer } from '../answers.ts'
import { DashboardProblem } from '../http.ts'
import type { ListSummary } from '../list-summary.ts'
import { shownDays } from '../mail-counts.ts'
import type { ProjectRows, ProjectState } from '../project-rows.ts'
import { periodText, rateSentence, ratesAnswerOf, seriesOf } from '../rates.ts'
import type { References } from '../references.ts'

const shownDomains = 10

type Deps = { readonly rows: ProjectRows; readonly references: References; readonly standings: AccountStandings }

export const createProjectScreen =
  ({ rows, references, standings }: Deps) =>
  async (id: string): Promise<ProjectAnswer> => {
    const state = await rows.one(id)
    if (!state)
      throw new DashboardProblem(
        404,
        `There is no project ${id}.`,
        'Choose one on the overview, or add it: sesame project add.',
      )
    const { mail, windows, list, row } = state
    const counts = sumOf([...mail.byDay.values()].slice(-shownDays))
    const note = holdNoteOf(state)
    const aws = await standings.of(id, state.connection)
    return {
      project: row,
      standing: row.standing,
      sentence: sentenceOf(state),
      ...(note !== undefined && { holdNote: note }),
      windows: [...windows],
      series: seriesOf(mail.byDay),
      causes: causesOf(counts),
      engagement: engagementOf(counts),
      domains: failingOf(mail.domains, shownDomains),
      configurationSets: [...mail.sets].map(([set, one]) => ({
        set: set || 'no configuration set',
        ...ratesAnswerOf(one),
      })),
      list: listOf(id, list, references),
      ...(aws && { aws }),
    }
  }

const listOf = (project: string, list: ListSummary, references: References): ProjectAnswer['list'] => ({
  total: list.total,
  atLeast: list.atLeast,
  byReason: [...list.byReason]
    .map(([reason, count]) => ({ reason, count }))
    .sort((one, other) => other.count - one.count),
  growth: [...list.growth],
  latest: list.latest.map(({ address, reason, since }) => ({
    ref: references.refOf(project, address),
    masked: maskedOf(address),
    state: 'suppressed',
    reason,
    since: since.toISOString(),
  })),
})

function sentenceOf({ row, windows }: ProjectState): string {
  const [hold] = row.holds
  if (hold) return `${row.id} is ${hold.by}: ${hold.why}.`
  if (!row.hasActivity)
    return `The rates of ${row.id} are unknown, because SES does not tell Sesame what was sent. Run: sesame project set ${row.id} --activity delivery, then sesame configure ${row.id}.`
  const judged = windows.find(({ bounces, complaints }) =>
    [bounces.standing, complaints.standing].some((standing) => standing === 'critical' || standing === 'warning'),
  )
  const { days, bounces, complaints } = judged ??
    windows.findLast(({ bounces: { recipients } }) => recipients > 0) ?? {
      days: shownDays,
      ...ratesAnswerOf(new Map()),
    }
  const start = judged
    ? worst(bounces.standing, complaints.standing)
    : bounces.standing === 'good'
      ? 'Well.'
      : 'Too little mail to judge.'
  return `${start} ${capital(periodText(days))}, ${rateSentence('bounces', bounces)}, and ${complaintText(complaints.events)}.`
}

const worst = (one: string, other: string) =>
  one === 'critical' || other === 'critical'
    ? 'Badly: stop sending to this list until you know why.'
    : 'Not well: find out why before you send more.'
const capital = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}`
const complaintText = (count: number) =>
  count === 0 ? 'nobody complained' : `${count.toLocaleString('en-US')} complained`

function holdNoteOf({ row, hold }: ProjectState): string | undefined {
  if (row.holds.length > 0)
    return `Nothing is sent by the HTTP API. When you know why, lift it: sesame resume ${row.id} --why "…". The suppression list is kept all the same.`
  if (hold.warning)
    return `Near a hold since ${hold.warning.since.toISOString().slice(0, 16).replace('T', ' ')} UTC: ${hold.warning.why}`
  return undefined
}
