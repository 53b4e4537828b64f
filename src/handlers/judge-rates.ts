/**
 * Every quarter of an hour → for each project with mail, holds and warnings by its rates.
 *
 * Runs as iam/rate-judging.yml: it reads counts and may set or lift the holds of rates, and no other.
 */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { listActive } from '../activity/active-projects.ts'
import { type Judgement, judgementOf } from '../activity/judge-rates.ts'
import { judgingOf } from '../activity/judging.ts'
import type { Rates } from '../activity/rates.ts'
import { createStoredCounts } from '../activity/stored-counts.ts'
import { daysOfWindows, windowsOf } from '../activity/windows.ts'
import { concurrently } from '../concurrently.ts'
import { createEventBus } from '../events/bus.ts'
import { heldEventOf, resumedEventOf, warnedEventOf } from '../events/hold-events.ts'
import { failureOf } from '../lambda/failure.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { metricLineOf } from '../lambda/metric-line.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createOwnHolds } from '../projects/change-hold.ts'
import type { HoldState } from '../projects/hold.ts'
import { findRateSettings } from '../projects/rate-settings.ts'
import { createLowOverheadClient } from './low-overhead-client.ts'

/** A project needs four small reads. */
const projectsAtOnce = 16

type Run = { projects: number; held: number; warned: number; resumed: number; failed: number }

export function judgeRates(runtime: Runtime): LambdaHandler<Run> {
  const { now } = runtime
  const dynamodb = createLowOverheadClient(runtime)
  const table = readSetting(runtime, 'PROJECTS_TABLE')
  const countsTable = readSetting(runtime, 'COUNTS_TABLE')
  const counts = createStoredCounts(dynamodb, countsTable)
  const holds = createOwnHolds(dynamodb, table)
  const { publish } = createEventBus(new EventBridgeClient(runtime.client), readSetting(runtime, 'EVENT_BUS'))
  const log = (facts: object) => runtime.log(JSON.stringify(facts))

  async function judge(project: string, at: Date): Promise<Judged | undefined> {
    const settings = await findRateSettings(dynamodb, table, project, at)
    if (!settings) return undefined
    const { rules, hold } = settings
    const days = await counts.daysOf(project, daysOfWindows(at))
    const judging = judgingOf({ holdRules: rules })
    const windows = windowsOf(days, at, hold.resumedAt, judging.minimumRecipients)
    const held = hold.holds.find(({ cause }) => cause === 'rates')
    const judgement = judgementOf(
      windows,
      { action: rules.action ?? 'hold', lines: judging.lines },
      {
        isHeld: held !== undefined,
        isWarned: hold.warning !== undefined,
        isOverridden: hold.overriddenUntil !== undefined,
      },
    )
    await apply(project, at, judgement, { held, warning: hold.warning })
    const isNow = (before: boolean, change: 'set' | 'lift' | undefined) =>
      change === undefined ? before : change === 'set'
    return {
      judgement,
      isHeld: isNow(held !== undefined, judgement.hold),
      isWarned: isNow(hold.warning !== undefined, judgement.warning),
      day: windowsOf(days, at)[0]?.rates,
    }
  }

  /** Each event is published before its change is stored: a change whose event was not published is made again. */
  async function apply(project: string, at: Date, judgement: Judgement, { held, warning }: OwnReasons): Promise<void> {
    const { why, worst } = judgement
    const facts = { project, at, why, ...(worst && { rate: worst }) }
    if (judgement.hold === 'set') {
      await publish([heldEventOf({ ...facts, cause: 'rates' })])
      await holds.set(project, 'rates', { since: at, why })
    }
    if (judgement.hold === 'lift' && held) {
      await publish([resumedEventOf({ ...facts, cause: 'rates' })])
      await holds.lift(project, 'rates', held)
    }
    if (judgement.warning === 'set') {
      if (judgement.hold !== 'set') await publish([warnedEventOf(facts)])
      await holds.set(project, 'warning', { since: at, why })
    }
    if (judgement.warning === 'lift' && warning) await holds.lift(project, 'warning', warning)
  }

  return async (_, { functionName }) => {
    const totals = { ProjectsHeld: 0, ProjectsWarned: 0, Recipients24h: 0, HardBounces24h: 0, Complaints24h: 0 }
    const run: Run = { projects: 0, held: 0, warned: 0, resumed: 0, failed: 0 }
    await concurrently(listActive(dynamodb, countsTable), projectsAtOnce, async (project) => {
      try {
        const judged = await judge(project, now())
        const { hold, warning, why } = judged?.judgement ?? {}
        run.projects++
        if (hold === 'set') run.held++
        if (hold === 'lift') run.resumed++
        if (warning === 'set') run.warned++
        if (judged) addTo(totals, judged)
        if (hold || warning) log({ project, ...(hold && { hold }), ...(warning && { warning }), why })
      } catch (error) {
        run.failed++
        log({ project, ...failureOf(error) })
      }
    })
    runtime.log(metricLineOf({ ...totals, ProjectsNotJudged: run.failed }, functionName, now(), run))
    return run
  }
}

type Judged = {
  readonly judgement: Judgement
  readonly isHeld: boolean
  readonly isWarned: boolean
  /** Rates of the last 24 hours, also of before a reinstatement. */
  readonly day: Rates | undefined
}

type Totals = Record<'ProjectsHeld' | 'ProjectsWarned' | 'Recipients24h' | 'HardBounces24h' | 'Complaints24h', number>

function addTo(totals: Totals, { isHeld, isWarned, day }: Judged): void {
  totals.ProjectsHeld += Number(isHeld)
  totals.ProjectsWarned += Number(isWarned)
  totals.Recipients24h += day?.bounces.recipients ?? 0
  totals.HardBounces24h += day?.bounces.events ?? 0
  totals.Complaints24h += day?.complaints.events ?? 0
}

type OwnReasons = { readonly held: HoldState['holds'][number] | undefined; readonly warning: HoldState['warning'] }

export const handler = createLambdaHandler(judgeRates)
