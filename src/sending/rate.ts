/**
 * The sending rate of an SES account, shared by all functions that send through it: a token for each recipient.
 *
 * Each second of an account is one item that counts the tokens that were leased. A function leases a slice of them with one write and spends
 * it without another. Tokens that it does not spend in their second expire, so a slice is as large as what the function has spent lately: an
 * instance that answers one request at a time must not hold the tokens of ten others. docs/design/sending.md#why-lease-a-rate-in-slices
 *
 *     project                          key                     holds
 *     rate#111122223333#us-east-1      second#1772601967       leased, expiresAt
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createRecentlyUsed } from '../recently-used.ts'
import { updateItem } from '../update-item.ts'

export type SendingRate = {
  /**
   * Takes tokens of the present second.
   * @returns 0 if they were taken, else how many milliseconds to wait until there may be some again
   */
  take(account: string, tokens: number, perSecond: number): Promise<number>
}

/** A slice is at most this part of a second's tokens, so that several functions get some. */
const slicesPerSecond = 4
const keptSeconds = 60
const capacity = 1_000

/** `used`: tokens spent in the second. `before`: tokens spent in the second before it. `isTight`: a slice was refused. */
type Lease = {
  readonly second: number
  left: number
  used: number
  readonly before: number
  readonly isTight?: boolean
}

const rateKeyOf = (account: string): string => `rate#${account}`

/** @param dynamodb a client of the function's own role, because a rate belongs to an account and not to a project */
export function createSendingRate(dynamodb: DynamoDBClient, table: string, now: () => Date): SendingRate {
  const leases = createRecentlyUsed<Lease>(capacity)
  /** Calls for one account lease one after another, so that they share a slice. */
  const turns = new Map<string, Promise<unknown>>()

  /**
   * Not idempotent, on purpose: a write that is repeated after a lost answer leases a second slice, which makes sending slower and never
   * faster than the account allows.
   */
  const lease = (account: string, second: number, tokens: number, most: number): Promise<boolean> =>
    updateItem(dynamodb, table, {
      Key: { project: { S: rateKeyOf(account) }, key: { S: `second#${second}` } },
      UpdateExpression: 'SET expiresAt = :expiresAt ADD leased :tokens',
      ConditionExpression: 'attribute_not_exists(leased) OR leased <= :room',
      ExpressionAttributeValues: {
        ':tokens': { N: String(tokens) },
        ':room': { N: String(most - tokens) },
        ':expiresAt': { N: String(second + keptSeconds) },
      },
    })

  async function takeInTurn(account: string, tokens: number, perSecond: number): Promise<number> {
    const time = now().getTime()
    const second = Math.floor(time / 1_000)
    const known = leaseIn(leases.get(account), second)
    if (known.left >= tokens) {
      known.left -= tokens
      known.used += tokens
      return 0
    }
    // A message to more recipients than a second allows takes the whole second, as SES counts it.
    const most = Math.max(1, Math.floor(perSecond))
    const needed = Math.min(tokens, most)
    const expected = known.isTight ? 0 : Math.max(known.used, known.before - known.used)
    const slice = Math.max(needed, Math.min(expected, Math.ceil(most / slicesPerSecond)))
    const leased = (await lease(account, second, slice, most))
      ? slice
      : slice > needed && (await lease(account, second, needed, most))
        ? needed
        : 0
    if (leased === 0) return (second + 1) * 1_000 - time
    const isTight = known.isTight === true || leased < slice
    leases.set(account, { ...known, left: leased - needed, used: known.used + needed, isTight })
    return 0
  }

  return {
    take(account, tokens, perSecond) {
      const before = turns.get(account) ?? Promise.resolve()
      const turn = before.then(
        () => takeInTurn(account, tokens, perSecond),
        () => takeInTurn(account, tokens, perSecond),
      )
      turns.set(account, turn)
      const forget = () => {
        if (turns.get(account) === turn) turns.delete(account)
      }
      turn.then(forget, forget)
      return turn
    },
  }
}

/** What is known of a second: nothing but what was spent in the one before it, if it has just begun. */
function leaseIn(last: Lease | undefined, second: number): Lease {
  if (last?.second === second) return last
  return { second, left: 0, used: 0, before: last?.second === second - 1 ? last.used : 0 }
}
