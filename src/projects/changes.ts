/**
 * What was changed in a project's settings: who, when, what. Kept for good, also when the project is removed.
 *
 *     id    facet                                 holds
 *     acme  change#2026-01-05T09:30:00.000Z#4f1c  by, request, what, fields
 *
 * Each is written in the same transaction as the change itself, so neither stands without the other.
 */
import { randomBytes } from 'node:crypto'
import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'

const prefix = 'change#'

/** Who changes something: the name that was given, and what AWS itself says of the call. */
export type Actor = {
  /** As given: a person's name, or the function that acts by itself. */
  readonly by: string
  /** Lambda's id of the invocation: CloudTrail's entry of the same id says which principal called. */
  readonly request?: string | undefined
}

/** Who changes something, and when. */
export type ChangeContext = Actor & { readonly at: Date }

export type SettingsChange = ChangeContext & {
  /** In words: `connected`, `external id rotated`, … */
  readonly what: string
  /** The settings that it set. No external id stands here. */
  readonly fields: Readonly<Record<string, string>>
}

/** The item that remembers a change, to go into the transaction that makes it. */
export function changeItemOf(
  table: string,
  project: string,
  { at, by, request }: ChangeContext,
  what: string,
  fields: Readonly<Record<string, string>>,
): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: {
        id: { S: project },
        facet: { S: `${prefix}${at.toISOString()}#${randomBytes(4).toString('hex')}` },
        by: { S: by },
        ...(request !== undefined && { request: { S: request } }),
        what: { S: what },
        fields: { S: JSON.stringify(fields) },
      },
    },
  }
}

/** @param table the projects table */
export function createChangeHistory(dynamodb: DynamoDBClient, table: string) {
  return {
    /** All changes of a project, oldest first. */
    async *of(project: string): AsyncGenerator<SettingsChange> {
      const pages = paginateQuery(
        { client: dynamodb },
        {
          TableName: table,
          KeyConditionExpression: 'id = :project AND begins_with(facet, :prefix)',
          ExpressionAttributeValues: { ':project': { S: project }, ':prefix': { S: prefix } },
          ConsistentRead: true,
        },
      )
      for await (const { Items = [] } of pages) yield* Items.map(changeIn)
    },
  }
}

const Text = v.object({ S: v.string() })
const Item = v.object({
  facet: Text,
  by: Text,
  request: v.optional(Text),
  what: Text,
  fields: v.object({ S: v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string())) }),
})

function changeIn(item: Record<string, AttributeValue>): SettingsChange {
  const { facet, by, request, what, fields } = v.parse(Item, item)
  const [, time = ''] = facet.S.split('#')
  return { at: new Date(time), by: by.S, request: request?.S, what: what.S, fields: fields.S }
}
