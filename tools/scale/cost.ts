/** What a month costs, from the operations that were measured and the list prices. Pure. */
import { assumed, changesPerDay, feedbackPerDay, type Load } from './load.ts'
import type { Operations } from './measured.ts'
import { prices } from './prices.ts'

export type CostLine = { readonly what: string; readonly usdPerMonth: number }

type Units = { readonly requests: number; readonly readUnits: number; readonly writeUnits: number }

const unitsUsd = ({ readUnits, writeUnits }: Units) => readUnits * prices.readUnit + writeUnits * prices.writeUnit

const secondsUsd = (seconds: number) => seconds * assumed.memoryGb * prices.lambdaGbSecond

const logUsd = (lines: number) => ((lines * assumed.logBytes) / 1e9) * prices.logGb

function invocationUsd(units: Units, seconds = units.requests * assumed.secondsPerRequest): number {
  return prices.lambdaRequest + secondsUsd(seconds) + unitsUsd(units) + logUsd(1)
}

function functionOf(operations: Operations, name: string) {
  const found = operations.functions[name]
  if (!found) throw new Error(`bench/operations.json has no function ${name}: run npm run bench`)
  return found
}

/** @returns the lines of a month, each for what is named */
export function monthOf(operations: Operations, load: Load): CostLine[] {
  const { daysPerMonth } = assumed
  const bounce = functionOf(operations, 'record-bounce')
  const propagate = functionOf(operations, 'propagate-suppression')
  const activity = functionOf(operations, 'record-activity')
  const send = functionOf(operations, 'send-email')
  const perEvent = prices.snsPublish + invocationUsd(bounce)
  const perChange = invocationUsd(propagate) + prices.customEvent
  // The invocation that was measured had one message: one unit for the event, the rest for the counts, which a batch shares. The queue is asked
  // for ten messages at once, and they are deleted at once.
  const perActivity =
    prices.snsPublish +
    (prices.sqsRequest * 2) / 10 +
    prices.writeUnit +
    invocationUsd({ ...activity, writeUnits: activity.writeUnits - 1 }) / assumed.activityBatch
  const perSend =
    prices.apiRequest + invocationUsd(send, send.requests * assumed.secondsPerRequest + assumed.secondsPerSend)
  return [
    { what: 'bounces and complaints', usdPerMonth: feedbackPerDay(load) * perEvent * daysPerMonth },
    { what: 'account lists and events', usdPerMonth: changesPerDay(load) * perChange * daysPerMonth },
    { what: 'schedules and proofs', usdPerMonth: idleUsd(operations, load.projects) },
    {
      what: 'counts and timelines of all mail (setting delivery)',
      usdPerMonth: load.mailsPerDay * assumed.activityEvents * perActivity * daysPerMonth,
    },
    { what: 'sending all of it through the API', usdPerMonth: load.mailsPerDay * perSend * daysPerMonth },
  ]
}

/** A month of so many projects without mail. */
export const idleUsd = (operations: Operations, projects: number): number =>
  idleLines(operations, projects).reduce((all, { usdPerMonth }) => all + usdPerMonth, 0)

/** The same by scheduled function, the dearest first. */
export const idleLines = ({ idle }: Operations, projects: number): CostLine[] =>
  Object.entries(idle)
    .map(([what, { invocations, fixed, perProject }]) => {
      const units = {
        requests: fixed.requests + projects * perProject.requests,
        readUnits: fixed.readUnits + projects * perProject.readUnits,
        writeUnits: fixed.writeUnits + projects * perProject.writeUnits,
      }
      const day = invocations * prices.lambdaRequest + secondsUsd((units.requests * assumed.secondsPerRequest) / 8)
      return { what, usdPerMonth: (day + unitsUsd(units)) * assumed.daysPerMonth }
    })
    .sort((one, other) => other.usdPerMonth - one.usdPerMonth)
