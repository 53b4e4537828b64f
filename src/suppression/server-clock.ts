/**
 * The server's time: AWS dates each answer. Rulings carry it, because a laptop's clock may be wrong by minutes or years, and a ruling with a later
 * time than the server's would overrule bounces that come after it. docs/design/suppression.md#whose-time-does-a-ruling-carry
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'

/** No answer of AWS has been seen, or it had no date. */
export class ServerTimeError extends Error {
  override readonly name = 'ServerTimeError'
  readonly retryable = true

  constructor() {
    super(
      'The time of the server is not known: no answer of DynamoDB had a Date header. Nothing was written; try again.',
    )
  }
}

const Dated = v.object({
  response: v.object({
    headers: v.object({
      date: v.pipe(
        v.string(),
        v.transform((text) => Date.parse(text)),
        v.number(),
      ),
    }),
  }),
})

/** The header has whole seconds, and the answer takes a while. A machine's clock that is no further off is the more precise of the two. */
const toleranceMs = 2_000

/**
 * Compares the machine's clock with the answers that the client gets.
 * @param machineMs the machine's clock, in milliseconds
 * @returns a time of the machine → the server's time
 */
export function createServerClock(dynamodb: DynamoDBClient, machineMs = Date.now): (local: Date) => Date {
  let aheadMs: number | undefined
  dynamodb.middlewareStack.add(
    (next) => async (input) => {
      const result = await next(input)
      const dated = v.safeParse(Dated, result)
      if (dated.success) aheadMs = dated.output.response.headers.date - machineMs()
      return result
    },
    { step: 'deserialize', priority: 'low' },
  )
  return (local) => {
    if (aheadMs === undefined) throw new ServerTimeError()
    return Math.abs(aheadMs) <= toleranceMs ? local : new Date(local.getTime() + aheadMs)
  }
}
