/**
 * The change history of a project's settings: who changed what, and when. It is kept forever, also after the project was removed.
 *
 *     id    facet                                 holds
 *     acme  change#2026-01-05T09:30:00.000Z#4f1c  by, request, what, fields
 *
 * An entry is written in the same transaction as the change, so there is never one without the other.
 */
import { randomBytes } from 'node:crypto'
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { type Item, keyOf, queryItems, Text } from './table.ts'

/** Facet prefix of the entries. */
export const changePrefix = 'change#'

/** Who makes a change: the name that was given, and what AWS attests of the call. */
export type Actor = {
  /** A person's name as the request gave it, or the name of a function that runs on a schedule. */
  readonly by: string
  /** Lambda's id of the invocation. The CloudTrail entry with this id names the principal that called. */
  readonly request?: string | undefined
}

/** Who makes a change, and when. */
export type ChangeContext = Actor & { readonly at: Date }

export type SettingsChange = ChangeContext & {
  /** The kind of change in words: `connected`, `external id rotated`, … */
  readonly what: string
  /** The settings as the change set them. Contains no external id. */
  readonly fields: Readonly<Record<string, string>>
}

/** The history entry of a change, for the transaction that makes the change. */
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
        ...keyOf(project, `${changePrefix}${at.toISOString()}#${randomBytes(4).toString('hex')}`),
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
      for await (const item of queryItems(dynamodb, table, project, { prefix: changePrefix })) yield readChange(item)
    },
  }
}

const ChangeItem = v.object({
  facet: Text,
  by: Text,
  request: v.optional(Text),
  what: Text,
  fields: v.object({ S: v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string())) }),
})

/** @throws ValiError if the item is no entry */
export function readChange(item: Item): SettingsChange {
  const { facet, by, request, what, fields } = v.parse(ChangeItem, item)
  const [, time = ''] = facet.S.split('#')
  return { at: new Date(time), by: by.S, request: request?.S, what: what.S, fields: fields.S }
}
