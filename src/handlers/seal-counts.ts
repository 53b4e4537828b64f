/**
 * Every hour → exact counts of each day for which events have arrived. An operator may ask for days: `{ do: 'recount', by, project, day }`.
 *
 * Runs as iam/count-sealing.yml: it reads activity and writes counts, and changes no activity.
 */
import type { Context } from 'aws-lambda'
import { createActivityReader } from '../activity/read.ts'
import { createSealing, listUnsealed } from '../activity/seal-days.ts'
import { concurrently } from '../concurrently.ts'
import { failureOf } from '../lambda/failure.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { metricLineOf } from '../lambda/metric-line.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import type { Answer } from '../operations/operation.ts'
import { recount } from '../operations/recount.ts'
import { createAnswering, isRequest } from './answering.ts'
import { createLowOverheadClient } from './low-overhead-client.ts'

/** Days that are counted at the same time. Each has four queries under way. */
const daysAtOnce = 4

/** Time that a run leaves unused: the days under way end before the function's timeout, and the others stay marked for the next run. */
const reserveMs = 120_000

type Run = {
  sealed: number
  events: number
  unchanged: number
  putOff: number
  overtaken: number
  failed: number
  left: number
}

export function sealCounts(runtime: Runtime): LambdaHandler<Answer | Run> {
  const { now } = runtime
  const dynamodb = createLowOverheadClient(runtime)
  const table = readSetting(runtime, 'COUNTS_TABLE')
  const { countDay } = createActivityReader(dynamodb, readSetting(runtime, 'ACTIVITY_TABLE'))
  const sealing = createSealing(dynamodb, table, countDay, now)
  const answer = createAnswering(runtime, { recount: recount(sealing.seal) })
  const log = (facts: object) => runtime.log(JSON.stringify(facts))

  async function run({ functionName, getRemainingTimeInMillis }: Context): Promise<Run> {
    const totals: Run = { sealed: 0, events: 0, unchanged: 0, putOff: 0, overtaken: 0, failed: 0, left: 0 }
    await concurrently(listUnsealed(dynamodb, table), daysAtOnce, async (unsealed) => {
      if (getRemainingTimeInMillis() <= reserveMs) return void totals.left++
      try {
        const { outcome, events = 0, unreadable } = await sealing.sealMarked(unsealed)
        totals[outcome === 'put off' ? 'putOff' : outcome]++
        totals.events += events
        const { project, day } = unsealed
        if (unreadable)
          log({ project, day, outcome: 'sealed without unreadable events', unreadable: String(unreadable) })
      } catch (error) {
        totals.failed++
        log({ project: unsealed.project, day: unsealed.day, ...failureOf(error) })
      }
    })
    const { sealed, events, failed, left } = totals
    const metrics = { DaysSealed: sealed, EventsCounted: events, DaysNotSealed: failed + left }
    runtime.log(metricLineOf(metrics, functionName, now(), totals))
    return totals
  }

  return async (event, context: Context) => (isRequest(event) ? answer(event, context) : run(context))
}

export const handler = createLambdaHandler(sealCounts)
