/**
 * Middleware that logs one line of JSON for each record: its outcome, or its error and, after an access denial, what has to change. An address
 * appears only as a keyed hash.
 */
import type { MiddlewareObj } from '@middy/core'
import { type Outcomes, RecordsFailedError } from './each-record.ts'
import { failureOf } from './failure.ts'

export function outcomeLog(log: (line: string) => void): MiddlewareObj<unknown, Outcomes> {
  const write = (facts: object) => log(JSON.stringify(facts))
  return {
    after: ({ response }) => response?.outcomes.forEach(write),
    onError: ({ error }) => {
      const { outcomes, errors } = error instanceof RecordsFailedError ? error : { outcomes: [], errors: [error] }
      outcomes.forEach(write)
      for (const cause of errors) write(failureOf(cause))
    },
  }
}
