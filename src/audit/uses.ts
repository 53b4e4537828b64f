/**
 * Reads the table of role uses: who assumed which role, when, from where, for which project and purpose, and whether it was expected.
 *
 *     role                                      use                                   item
 *     operator, or the ARN of a customer's role 2026-03-01T10:00:00.000Z#<eventID>    one use
 *     the same                                  2026-03-01T10:00:00.000Z#often#<hash> repeated refusals to one caller within ten minutes
 *     the same                                  <either of these>#raised              note that the alarm about it was raised
 *
 * The table holds no counters: a reader counts items. src/audit/keep-use.ts writes the table.
 */
import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { answered } from '../answered.ts'
import { Text } from '../projects/table.ts'

export type Use = {
  /** Name of our role's file, or ARN of a customer's role. */
  readonly role: string
  readonly at: Date
  /** CloudTrail's id of the record. Absent in an item about repeated refusals. */
  readonly event?: string | undefined
  /** The caller: `role …`, `person …`, `account …`, or an AWS service. */
  readonly by: string
  /** An IP address, or the service that made the call. */
  readonly from?: string | undefined
  readonly session?: string | undefined
  /** AWS's error code, if the call was refused. */
  readonly refused?: string | undefined
  readonly function?: string | undefined
  readonly project?: string | undefined
  readonly purpose?: string | undefined
  readonly verdict: 'expected' | 'unexpected'
  readonly why?: string | undefined
}

export type UseItem = Record<string, AttributeValue>

/** @param table partition key `role`, sort key `use`, TTL `expiresAt` */
export function createUses(dynamodb: DynamoDBClient, table: string) {
  /** Items of a role from one sort key to another, both included. */
  async function* between(role: string, from: string, to: string): AsyncGenerator<UseItem> {
    let ExclusiveStartKey: UseItem | undefined
    do {
      const { Items, LastEvaluatedKey } = await dynamodb.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#role = :role AND #use BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#role': 'role', '#use': 'use' },
          ExpressionAttributeValues: { ':role': { S: role }, ':from': { S: from }, ':to': { S: to } },
          ConsistentRead: true,
          ...(ExclusiveStartKey && { ExclusiveStartKey }),
        }),
      )
      yield* answered(Items, 'Query: Items')
      ExclusiveStartKey = LastEvaluatedKey
    } while (ExclusiveStartKey)
  }

  return {
    between,

    /** Uses of a role from `from` until before `to`, oldest first. */
    async *ofRole(role: string, from: Date, to: Date): AsyncGenerator<Use> {
      for await (const item of between(role, from.toISOString(), to.toISOString()))
        if (item.verdict) yield readUse(item)
    },
  }
}

const OptionalText = v.optional(Text)
const StoredUse = v.object({
  role: Text,
  at: v.object({ S: v.pipe(v.string(), v.isoTimestamp()) }),
  event: OptionalText,
  by: Text,
  from: OptionalText,
  session: OptionalText,
  refused: OptionalText,
  function: OptionalText,
  project: OptionalText,
  purpose: OptionalText,
  // A verdict of a newer version is not one that nobody need look at.
  verdict: v.object({ S: v.fallback(v.picklist(['expected', 'unexpected']), 'unexpected') }),
  why: OptionalText,
})

/** @throws ValiError if the item is not a use */
export function readUse(item: UseItem): Use {
  const { role, at, by, verdict, ...rest } = v.parse(StoredUse, item)
  return {
    role: role.S,
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
