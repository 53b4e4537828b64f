/**
 * Middleware for functions that handle every event of a mail: one line of JSON for each outcome of an invocation, with the number of records that
 * had it. A line for each record would cost more than the rest of its handling. Failures are logged one by one, as `outcomeLog` does.
 */
import type { MiddlewareObj } from '@middy/core'
import { type Outcomes, RecordsFailedError } from './each-record.ts'
import { failureOf } from './failure.ts'

export function tallyLog(log: (line: string) => void): MiddlewareObj<unknown, Outcomes> {
  return {
    after: ({ response }) => tallied(response?.outcomes ?? []).forEach(log),
    onError: ({ error }) => {
      const { outcomes, errors } = error instanceof RecordsFailedError ? error : { outcomes: [], errors: [error] }
      tallied(outcomes).forEach(log)
      for (const cause of errors) log(JSON.stringify(failureOf(cause)))
    },
  }
}

/** The lines, each with the facts of the outcomes and their number. */
function tallied(outcomes: Outcomes['outcomes']): string[] {
  const lines = Map.groupBy(outcomes, (outcome) => JSON.stringify(outcome))
  return Array.from(lines.values(), (same) => JSON.stringify({ ...same[0], records: same.length }))
}
