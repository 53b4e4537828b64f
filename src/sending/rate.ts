/**
 * The sending rate of an SES account, shared by all functions that send through it: a token for each recipient.
 *
 * Each second of an account is one item that counts the tokens that were leased. A function leases a slice of them with one write and spends
 * it without another. Tokens that it does not spend in their second expire.
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

/** A slice is this part of a second's tokens, so that several functions get some. */
const slicesPerSecond = 4
const keptSeconds = 60
const capacity = 1_000

type Lease = { readonly second: number; left: number }

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
    const known = leases.get(account)
    if (known && known.second === second && known.left >= tokens) {
      known.left -= tokens
      return 0
    }
    // A message to more recipients than a second allows takes the whole second, as SES counts it.
    const most = Math.max(1, Math.floor(perSecond))
    const needed = Math.min(tokens, most)
    const slice = Math.min(most, Math.max(needed, Math.ceil(most / slicesPerSecond)))
    const leased = (await lease(account, second, slice, most))
      ? slice
      : slice > needed && (await lease(account, second, needed, most))
        ? needed
        : 0
    if (leased === 0) return (second + 1) * 1_000 - time
    leases.set(account, { second, left: leased - needed })
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
