/**
 * Runs a request with an idempotency key once: a repetition gets the answer of the first.
 *
 * One item in the table `sends` for each key of a caller in a project. It names the request by a hash, and keeps the answer for 24 hours.
 *
 *     project  key                 holds
 *     acme     request#HASH        fingerprint, phase (open, free, done), startedAt, answer, expiresAt
 *
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
import { createHash } from 'node:crypto'
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { type HttpAnswer, Problem } from './problem.ts'
import type { Call } from './route.ts'
import { decodeAnswer, encodeAnswer } from './stored-answer.ts'

/** A request that died is taken over after this time: longer than a function may run. */
const leaseSeconds = 60
const keptSeconds = 24 * 3_600

export type KeyedRequest = {
  /** The header of the request. */
  readonly key: string
  readonly call: Call
  readonly route: string
  readonly given: unknown
  /** The answer after a run that died. Absent: the request is run again. */
  readonly ifAbandoned?: () => HttpAnswer
  /** The answer to a repetition, if more is known by now than in the kept answer; `undefined` if not. */
  readonly settle?: (kept: HttpAnswer, startedAt: Date) => Promise<HttpAnswer | undefined>
}

export type Idempotency = {
  /**
   * @param work is run again if an earlier run failed with an error, so an error must mean that nothing was done. After a run that died, it
   * is run again unless the request has `ifAbandoned`
   * @throws Problem if the key is malformed, in use, or belongs to another request
   */
  once(request: KeyedRequest, work: () => Promise<HttpAnswer>): Promise<HttpAnswer>
}

/** @param dataOf project → a client that reaches the project's items in the table */
export function createIdempotency(dataOf: (project: string) => Promise<DynamoDBClient>, table: string): Idempotency {
  async function update(
    { call: { project } }: KeyedRequest,
    hash: string,
    expression: string,
    condition: string,
    values: Record<string, AttributeValue>,
  ): Promise<Record<string, AttributeValue> | undefined> {
    const dynamodb = await dataOf(project)
    try {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { project: { S: project }, key: { S: `request#${hash}` } },
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      return undefined
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return error.Item ?? {}
      throw error
    }
  }

  /**
   * Idempotent: what is settled follows from events that do not change. The answer is kept for the next repetition, unless another run has the
   * key by now.
   */
  async function settled(
    request: KeyedRequest,
    hash: string,
    item: Record<string, AttributeValue>,
    kept: HttpAnswer,
  ): Promise<HttpAnswer> {
    const { attempt, leasedUntil } = v.parse(Taken, item)
    const startedAt = new Date((Number(leasedUntil.N) - leaseSeconds) * 1_000)
    const answer = await request.settle?.(kept, startedAt)
    if (!answer) return replayed(kept)
    await update(request, hash, 'SET phase = :done, answer = :answer', 'attempt = :attempt', {
      ':attempt': attempt,
      ':done': { S: 'done' },
      ':answer': { B: encodeAnswer(answer) },
    })
    return replayed(answer)
  }

  return {
    async once(request, work) {
      const { key, call, route, given } = request
      if (!/^[\x20-\x7e]{1,255}$/.test(key))
        throw new Problem('invalid-idempotency-key', {
          detail: 'The header Idempotency-Key has no or too many characters.',
        })
      const hash = hashOf([call.caller.account, call.caller.name, key])
      const fingerprint = hashOf([route, canonical(given)])
      const nowSeconds = Math.floor(call.at.getTime() / 1_000)
      const attempt = call.request

      // Idempotent: only one attempt at a time holds the key. A second one with the same attempt id would write the same.
      const mayTakeOver = request.ifAbandoned ? '' : ' OR (phase = :open AND leasedUntil <= :now)'
      const stored = await update(
        request,
        hash,
        'SET fingerprint = :fingerprint, phase = :open, attempt = :attempt, leasedUntil = :leasedUntil, expiresAt = :expiresAt REMOVE answer',
        `attribute_not_exists(fingerprint) OR expiresAt <= :now OR (fingerprint = :fingerprint AND (phase = :free${mayTakeOver}))`,
        {
          ':fingerprint': { S: fingerprint },
          ':open': { S: 'open' },
          ':free': { S: 'free' },
          ':attempt': { S: attempt },
          ':now': { N: String(nowSeconds) },
          ':leasedUntil': { N: String(nowSeconds + leaseSeconds) },
          ':expiresAt': { N: String(nowSeconds + keptSeconds) },
        },
      )
      if (stored) return settled(request, hash, stored, repeated(stored, fingerprint, nowSeconds, request.ifAbandoned))

      const mine = { ':attempt': { S: attempt } }
      let answer: HttpAnswer
      try {
        answer = await work()
      } catch (error) {
        // Idempotent: a key that is free may be used at once. Nothing was done for a request that failed.
        await update(request, hash, 'SET phase = :free', 'attempt = :attempt', { ...mine, ':free': { S: 'free' } })
        throw error
      }
      // Idempotent: the attempt that holds the key writes its own answer. If the write fails, the key stays open: the work is done.
      await update(request, hash, 'SET phase = :done, answer = :answer', 'attempt = :attempt', {
        ...mine,
        ':done': { S: 'done' },
        ':answer': { B: encodeAnswer(answer) },
      })
      return answer
    },
  }
}

/** Of a key that was taken: by which attempt, and until when. */
const Taken = v.object({ attempt: v.object({ S: v.string() }), leasedUntil: v.object({ N: v.string() }) })
const Stored = v.object({
  fingerprint: v.object({ S: v.string() }),
  phase: v.object({ S: v.picklist(['open', 'free', 'done']) }),
  leasedUntil: v.object({ N: v.string() }),
  answer: v.optional(v.object({ B: v.instance(Uint8Array) })),
})

function repeated(
  item: Record<string, AttributeValue>,
  fingerprint: string,
  nowSeconds: number,
  ifAbandoned: (() => HttpAnswer) | undefined,
): HttpAnswer {
  const stored = v.parse(Stored, item)
  if (stored.fingerprint.S !== fingerprint)
    throw new Problem('idempotency-key-reused', {
      detail: 'Another request was sent with this key in the last 24 hours.',
    })
  if (stored.phase.S === 'open' && ifAbandoned && Number(stored.leasedUntil.N) <= nowSeconds) return ifAbandoned()
  if (stored.phase.S !== 'done' || !stored.answer) {
    const retryAfterSeconds = Math.max(1, Math.min(5, Number(stored.leasedUntil.N) - nowSeconds))
    throw new Problem('request-in-flight', { detail: 'Its answer is not known yet.', retryAfterSeconds })
  }
  return decodeAnswer(stored.answer.B)
}

const replayed = (answer: HttpAnswer): HttpAnswer => ({
  ...answer,
  headers: { ...answer.headers, 'idempotent-replayed': 'true' },
})

const hashOf = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

/** The same text for the same JSON, whatever the order of its members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
