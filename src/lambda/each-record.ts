/**
 * Tries every record of a Lambda event, and fails the invocation with what failed: so one bad record never takes good ones with it,
 * and Lambda delivers the event again and at last puts it among the dead letters, with its cause.
 */
import * as v from 'valibot'

/** What became of one record, in words; the fields say what it was about. */
export type Outcome = { readonly outcome: string; readonly [fact: string]: string | readonly string[] | undefined }

export type Outcomes = { readonly outcomes: readonly Outcome[] }

/** What failed, and what became of the other records. */
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

export const eachRecord =
  (handle: (record: unknown) => Promise<Outcome>) =>
  async (event: unknown): Promise<Outcomes> => {
    const records = v.is(LambdaEvent, event) ? event.Records : [event]
    const tried = await Promise.allSettled(records.map(async (record) => handle(record)))
    const outcomes = tried.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const errors = tried.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    if (errors.length > 0) throw new RecordsFailedError(errors, outcomes)
    return { outcomes }
  }

/** Only what Lambda itself hands over is taken apart: a message that looks like a batch is still one message. */
const LambdaEvent = v.object({ Records: v.array(v.unknown()) })
