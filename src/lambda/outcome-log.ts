/**
 * One line of JSON for each record: what became of it, and of a refusal by AWS what would have to change. No address stands in it but as a keyed hash.
 */
import type { MiddlewareObj } from '@middy/core'
import { type Outcomes, RecordsFailedError } from './each-record.ts'
import { failureOf } from './failure.ts'

export function outcomeLog(log: (line: string) => void): MiddlewareObj<unknown, Outcomes> {
  const write = (facts: object) => log(JSON.stringify(facts))
  return {
    after: ({ response }) => response?.outcomes.forEach(write),
    onError: ({ error }) => {
      const failed = error instanceof RecordsFailedError ? error : { outcomes: [], errors: [error] }
      failed.outcomes.forEach(write)
      for (const one of failed.errors) write(failureOf(one))
    },
  }
}
