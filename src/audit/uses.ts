/**
 * The table of role uses: who assumed which role, when, from where, for whom and what for, expected or not.
 *
 *     role                                      use                                  holds
 *     operator, or a customer's role by its ARN 2026-03-01T10:00:00.000Z#<eventID>   one use
 *     the same                                  2026-03-01T10:00:00.000Z#often#<hash> many refusals from one caller in ten minutes
 *     the same                                  <either of them>#raised              that the alarm about it was raised
 *
 * Nothing is counted in it: counts are made of the items when asked for. src/audit/keep-use.ts writes it.
 */
import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'

export type Use = {
  /** File name of our role, or ARN of a customer's. */
  readonly role: string
  readonly at: Date
  /** CloudTrail's id of the record. Absent in an item about many. */
  readonly event?: string | undefined
  readonly by: string
  readonly from?: string | undefined
  readonly session?: string | undefined
  readonly refused?: string | undefined
  readonly function?: string | undefined
  readonly project?: string | undefined
  readonly purpose?: string | undefined
  readonly verdict: 'expected' | 'unexpected'
  readonly why?: string | undefined
}

export type Item = Record<string, AttributeValue>

/** @param table partition key `role`, sort key `use`, TTL `expiresAt` */
export function createUses(dynamodb: DynamoDBClient, table: string) {
  /** Whatever stands from key to key, both included. */
  async function* between(name: string, from: string, to: string): AsyncGenerator<Item> {
    let ExclusiveStartKey: Item | undefined
    do {
      const { Items = [], LastEvaluatedKey } = await dynamodb.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#role = :role AND #use BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#role': 'role', '#use': 'use' },
          ExpressionAttributeValues: { ':role': { S: name }, ':from': { S: from }, ':to': { S: to } },
          ConsistentRead: true,
          ...(ExclusiveStartKey && { ExclusiveStartKey }),
        }),
      )
      yield* Items
      ExclusiveStartKey = LastEvaluatedKey
    } while (ExclusiveStartKey)
  }

  return {
    between,

    /** Uses of a role, oldest first, `to` not included. */
    async *ofRole(name: string, from: Date, to: Date): AsyncGenerator<Use> {
      for await (const item of between(name, from.toISOString(), to.toISOString()))
        if (item.verdict) yield readUse(item)
    },
  }
}

const Text = v.object({ S: v.string() })
const perhaps = v.optional(Text)
const UseItem = v.object({
  role: Text,
  at: v.object({ S: v.pipe(v.string(), v.isoTimestamp()) }),
  event: perhaps,
  by: Text,
  from: perhaps,
  session: perhaps,
  refused: perhaps,
  function: perhaps,
  project: perhaps,
  purpose: perhaps,
  verdict: v.object({ S: v.picklist(['expected', 'unexpected']) }),
  why: perhaps,
})

/** What an item says. */
export function readUse(item: Item): Use {
  const { role: name, at, by, verdict, ...rest } = v.parse(UseItem, item)
  return {
    role: name.S,
    at: new Date(at.S),
    by: by.S,
    verdict: verdict.S,
    event: rest.event?.S,
    from: rest.from?.S,
    session: rest.session?.S,
    refused: rest.refused?.S,
    function: rest.function?.S,
    project: rest.project?.S,
    purpose: rest.purpose?.S,
    why: rest.why?.S,
  }
}
