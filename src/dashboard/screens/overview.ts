/** Overview: is my mail healthy? What needs a person, today's counts, the trend, and all projects. */
import { dayOf } from '../../activity/bucket.ts'
import type { Counts } from '../../activity/counts.ts'
import { dayMs } from '../../time.ts'
import type { Attention, OverviewAnswer, Rate } from '../answers.ts'
import type { DeadLetterGroups } from '../dead-letter-groups.ts'
import { createKept } from '../kept.ts'
import { shownDays, togetherOf } from '../mail-counts.ts'
import type { ProjectRows, ProjectState } from '../project-rows.ts'
import { periodText, rateSentence, seriesOf, todayOf, type Windows } from '../rates.ts'
import type { RoleRows, RoleState } from '../role-rows.ts'

type Deps = {
  readonly rows: ProjectRows
  readonly letters: DeadLetterGroups
  readonly roles: RoleRows
  readonly explain: (error: unknown) => string
  readonly now: () => Date
}

const keepMs = 1_500

/** All projects are read for one answer, so it is kept: the more there are, the longer. */
export function createOverview({ rows, letters, roles, explain, now }: Deps) {
  const kept = createKept<OverviewAnswer>(
    () => keepMs,
    () => now().getTime(),
  )
  return {
    answer: (): Promise<OverviewAnswer> => kept.of('all', read),
    /** Reads everything again the next time, after a change. */
    clear: kept.clear,
  }

  async function read(): Promise<OverviewAnswer> {
    const unread: string[] = []
    /** What cannot be read does not hide the rest. */
    const orUnread = async <T>(what: string, read: Promise<T>): Promise<T | undefined> => {
      try {
        return await read
      } catch (error) {
        unread.push(`${what}: ${explain(error)}`)
        return undefined
      }
    }
    const [states, deadLetters, used] = await Promise.all([
      rows.all(),
      orUnread('Dead letters could not be read', letters.read()),
      orUnread('The use of roles could not be read', roles.all()),
    ])
    const attention = [
      ...states.flatMap(ofProject),
      ...(deadLetters ? ofLetters(deadLetters.groups) : []),
      ...(used ? used.flatMap(ofRole) : []),
    ].sort((one, other) => Number(other.standing === 'critical') - Number(one.standing === 'critical'))
    const byDay = states.length > 0 ? togetherOf(states.map(({ mail }) => mail)) : emptyDays(now())
    const worst = worstProjectOf(states)
    const today = todayOf([...byDay.values()].at(-1) ?? new Map())
    return {
      ...answerOf(states, attention, today.bounces, unread),
      attention,
      unread,
      today,
      series: seriesOf(worst?.mail.byDay ?? byDay),
      ...(worst && { seriesOf: worst.row.id }),
      projects: states.map(({ row }) => row),
    }
  }
}

const emptyDays = (now: Date): Map<string, Counts> =>
  new Map(
    Array.from({ length: shownDays }, (_, index) => [
      dayOf(new Date(now.getTime() - (shownDays - 1 - index) * dayMs)),
      new Map(),
    ]),
  )

/** The project whose rates stand worst, if one is near a limit of AWS, which are limits of an account. */
const worstProjectOf = (states: readonly ProjectState[]): ProjectState | undefined =>
  states.find(({ row }) => row.standing === 'critical') ?? states.find(({ row }) => row.standing === 'warning')

const isOfMail = ({ to }: Attention) => to.startsWith('#/projects/') || to.startsWith('#/connections/')

/** The answer is about mail. What else needs attention makes it a warning at most. */
function answerOf(
  states: readonly ProjectState[],
  attention: readonly Attention[],
  today: Rate,
  unread: readonly string[],
): Pick<OverviewAnswer, 'standing' | 'sentence'> {
  if (states.length === 0)
    return {
      standing: 'unknown',
      sentence: 'No project exists yet. Add the first one: sesame project add NAME --account ID',
    }
  const ofMail = attention.find(isOfMail)
  if (ofMail) {
    const start = ofMail.standing === 'critical' ? 'Not all of it.' : 'Mostly.'
    return { standing: ofMail.standing, sentence: `${start} ${ofMail.subject}: ${ofMail.text}.` }
  }
  const counts = `today ${rateSentence('bounces', today)}.`
  const isJudged = states.some(({ row }) => row.standing !== 'unknown')
  const projects = states.length === 1 ? 'The project is healthy' : `All ${states.length} projects are healthy`
  const known = isJudged ? `Yes. ${projects}: ${counts}` : `Nothing speaks against it: ${counts}`
  const others = attention.length + unread.length
  const also =
    others === 0 ? '' : ` But ${others === 1 ? 'one other thing needs' : `${others} other things need`} attention.`
  return { standing: others > 0 ? 'warning' : isJudged ? 'good' : 'unknown', sentence: `${known}${also}` }
}

function ofProject({ row, windows }: ProjectState): Attention[] {
  const found: Attention[] = row.holds.map(({ by, since, until, why }) => ({
    standing: 'critical',
    subject: row.id,
    text: `${by}${until === undefined ? '' : ` until ${until.slice(0, 16).replace('T', ' ')} UTC`}: ${why}`,
    since,
    to: `#/projects/${row.id}`,
    action: 'See why',
  }))
  if (row.holds.length === 0) found.push(...ofRates(row.id, windows))
  if (row.connection === 'quarantined')
    found.push({
      standing: 'critical',
      subject: row.id,
      text: 'connection quarantined: its last proof failed, so Sesame does not enter the account',
      to: `#/connections/${row.id}`,
      action: 'Show the fix',
    })
  if (row.silence !== undefined)
    found.push({
      standing: 'critical',
      subject: row.id,
      text: row.silence.replace(/^The/, 'the'),
      to: `#/projects/${row.id}`,
      action: 'See the project',
    })
  if (row.paused)
    found.push({
      standing: 'warning',
      subject: row.id,
      text: 'paused: nothing is sent by the HTTP API',
      to: `#/projects/${row.id}`,
      action: 'See the project',
    })
  return found
}

/** The worst rate of a project, if it is near a limit. */
function ofRates(id: string, windows: Windows): Attention[] {
  const all = windows.flatMap(({ days, bounces, complaints }) => [
    { kind: 'bounces' as const, days, rate: bounces },
    { kind: 'complaints' as const, days, rate: complaints },
  ])
  const worst =
    all.find(({ rate }) => rate.standing === 'critical') ?? all.find(({ rate }) => rate.standing === 'warning')
  if (worst === undefined) return []
  const { kind, days, rate } = worst
  const limit = kind === 'bounces' ? '5 %' : '0.1 %'
  return [
    {
      standing: rate.standing === 'critical' ? 'critical' : 'warning',
      subject: id,
      text: `${rateSentence(kind, rate)} ${periodText(days)} (AWS reviews an account at ${limit})`,
      to: `#/projects/${id}`,
      action: 'See why',
    },
  ]
}

function ofLetters(groups: readonly { count: number; oldest: string; title: string }[]): Attention[] {
  const count = groups.reduce((sum, group) => sum + group.count, 0)
  if (count === 0) return []
  const oldest = groups.map((group) => group.oldest).sort()[0]
  const causes = groups.length === 1 ? `one cause: ${groups[0]?.title}` : `${groups.length} causes`
  return [
    {
      standing: 'warning',
      subject: `${count.toLocaleString('en-US')} dead letter${count === 1 ? '' : 's'}`,
      text: `could not be recorded, ${causes}`,
      ...(oldest !== undefined && { since: oldest }),
      to: '#/dead-letters',
      action: 'See and replay',
    },
  ]
}

function ofRole({ row, uses }: RoleState): Attention[] {
  if (row.unexpected === 0) return []
  const last = uses.findLast(({ verdict }) => verdict === 'unexpected')
  return [
    {
      standing: 'critical',
      subject: row.title,
      text: `used in a way that was not expected${last?.why === undefined ? '' : `: ${last.why}`}`,
      ...(last && { since: last.at.toISOString() }),
      to: `#/roles/${encodeURIComponent(row.role)}`,
      action: 'See the use',
    },
  ]
}
