/**
 * What a day without mail costs: all schedules of a day, counted on the embedded AWS with a few projects and with more. The difference is what each
 * project costs, the rest is what the stack costs.
 */
import type { Aws } from '../local/aws.ts'
import { minutes, startConnectedStack } from './connected-stack.ts'

/** Requests to AWS, and units of DynamoDB. */
export type Units = { readonly requests: number; readonly readUnits: number; readonly writeUnits: number }

/** A day of one scheduled function. */
export type IdleDay = { readonly invocations: number; readonly fixed: Units; readonly perProject: Units }

const quarterHours = 96
const few = 4
const many = 14

/** @returns by function, in the names of serverless.yml */
export async function idleDays(): Promise<Record<string, IdleDay>> {
  const [small, large] = [await dayOf(few), await dayOf(many)]
  return Object.fromEntries(
    [...small].map(([name, day]) => {
      const other = large.get(name) ?? day
      const perProject = unitsOf((unit) => (other[unit] - day[unit]) / (many - few))
      return [
        name,
        { invocations: day.invocations, fixed: unitsOf((unit) => day[unit] - few * perProject[unit]), perProject },
      ]
    }),
  )
}

const unitsOf = (of: (unit: keyof Units) => number): Units => ({
  requests: of('requests'),
  readUnits: of('readUnits'),
  writeUnits: of('writeUnits'),
})

type Day = Units & { readonly invocations: number }

/** Everything is due at once on the first day, so the second is counted. */
async function dayOf(projects: number): Promise<Map<string, Day>> {
  const stack = await startConnectedStack(projects)
  await runDay(stack.aws, () => stack.clock.advance(minutes(15)))
  return runDay(stack.aws, () => stack.clock.advance(minutes(15)))
}

/** @returns quarters of an hour between two runs of a schedule. What is neither hourly nor each quarter is daily. */
const quartersBetween = (rate: string): number =>
  rate === 'rate(15 minutes)' ? 1 : rate === 'rate(1 hour)' ? 4 : quarterHours

async function runDay(aws: Aws, nextQuarter: () => void): Promise<Map<string, Day>> {
  const days = new Map<string, Day>()
  for (let quarter = 0; quarter < quarterHours; quarter += 1) {
    for (const schedule of aws.eventbridge.schedules) {
      if (quarter % quartersBetween(schedule.rate) !== 0) continue
      aws.dynamodb.resetMeter()
      const from = aws.record.length
      await aws.eventbridge.fire(schedule)
      await aws.settled()
      const name = schedule.functionArn.split(`:sesame-${aws.stage}-`).at(-1) ?? ''
      const day = days.get(name) ?? { invocations: 0, requests: 0, readUnits: 0, writeUnits: 0 }
      const sum = (unit: 'readUnits' | 'writeUnits') =>
        tablesOf(aws).reduce((all, table) => all + aws.dynamodb.meter(table)[unit], day[unit])
      days.set(name, {
        invocations: day.invocations + 1,
        requests: day.requests + aws.record.slice(from).filter(({ service }) => service !== 'logs').length,
        readUnits: sum('readUnits'),
        writeUnits: sum('writeUnits'),
      })
    }
    nextQuarter()
  }
  return days
}

/** The tables of the stack, as its functions know them. */
export const tablesOf = (aws: Aws): string[] => {
  const settings = [...aws.functions.values()].flatMap(({ environment }) => Object.entries(environment))
  return [...new Set(settings.filter(([name]) => name.endsWith('_TABLE')).map(([, table]) => table))]
}
