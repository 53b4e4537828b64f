/**
 * Handles every record of a Lambda event, each independently of the others. If any failed, the invocation fails after all were tried: Lambda
 * delivers the event again, and finally moves it to the dead letters with the cause.
 */
import * as v from 'valibot'

/** The outcome of one record, in words, and facts about the record. */
export type Outcome = { readonly outcome: string; readonly [fact: string]: string | readonly string[] | undefined }

export type Outcomes = { readonly outcomes: readonly Outcome[] }

/** Some records of an invocation failed. `errors` holds the cause of each, `outcomes` the outcome of the other records. */
export class RecordsFailedError extends AggregateError {
  override readonly name = 'RecordsFailedError'
  readonly outcomes: readonly Outcome[]

  constructor(errors: readonly unknown[], outcomes: readonly Outcome[]) {
    const causes = errors.map((error) =>
      error instanceof Error ? `${error.name}: ${error.message}` : 'an unknown error',
    )
    const tally = outcomes.length > 0 ? `${errors.length} of ${errors.length + outcomes.length} records failed. ` : ''
    super(errors, tally + causes.join(' | '))
    this.outcomes = outcomes
  }
}

/** @returns a handler that throws RecordsFailedError if any record failed */
export const eachRecord =
  (handle: (record: unknown) => Promise<Outcome>) =>
  async (event: unknown): Promise<Outcomes> => {
    const records = v.is(LambdaEvent, event) ? event.Records : [event]
    const results = await Promise.allSettled(records.map(async (record) => handle(record)))
    const outcomes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    if (errors.length > 0) throw new RecordsFailedError(errors, outcomes)
    return { outcomes }
  }

/** Only the batch that Lambda itself passes is split: a message that looks like a batch is still one message. */
const LambdaEvent = v.object({ Records: v.array(v.unknown()) })
