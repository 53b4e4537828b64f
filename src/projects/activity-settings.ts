/**
 * What a project's settings say about the activity that is stored, in an item of its own: the function that records activity may read it, and no
 * other setting.
 *
 *     id             facet     holds
 *     activity#acme  settings  kept: { days, readers, recipients }
 *
 * A project that has never changed them has no such item.
 */
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { createRecentlyUsed } from '../recently-used.ts'
import { type Project, StoredActivitySettings } from './project.ts'
import { findItem, keyOf } from './table.ts'

const idOf = (project: string) => `activity#${project}`
const facet = 'settings'

/** The part of a transaction that stores them. Idempotent: it puts what the project has. */
export const activitySettingsPutOf = (
  table: string,
  { id, activitySettings = {} }: Pick<Project, 'id' | 'activitySettings'>,
): TransactWriteItem => ({
  Put: { TableName: table, Item: { ...keyOf(idOf(id), facet), kept: { S: JSON.stringify(activitySettings) } } },
})

/** A changed setting takes effect after so long. */
const activitySettingsKeptMs = 5 * 60_000

const capacity = 10_000

/** @returns project → its settings, not older than five minutes. An item that cannot be read is that of the defaults. */
export function createActivitySettings(dynamodb: DynamoDBClient, table: string, now: () => Date) {
  const known = createRecentlyUsed<{ readonly settings: Promise<StoredActivitySettings>; readonly untilMs: number }>(
    capacity,
  )
  const read = async (project: string): Promise<StoredActivitySettings> => {
    const { success, output } = v.safeParse(KeptItem, await findItem(dynamodb, table, idOf(project), facet))
    return success ? output.kept.S : {}
  }
  return (project: string): Promise<StoredActivitySettings> => {
    const found = known.get(project)
    if (found && found.untilMs > now().getTime()) return found.settings
    const kept = { settings: read(project), untilMs: now().getTime() + activitySettingsKeptMs }
    known.set(project, kept)
    // An error is not kept.
    kept.settings.catch(() => known.drop(project, kept))
    return kept.settings
  }
}

/**
 * The settings by the attribute alone: the role of the function that erases people may read no others (iam/erasure.yml).
 */
export async function findActivitySettings(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
): Promise<StoredActivitySettings> {
  const { success, output } = v.safeParse(KeptItem, await findItem(dynamodb, table, idOf(project), facet, ['kept']))
  return success ? output.kept.S : {}
}

const KeptItem = v.object({ kept: v.object({ S: v.pipe(v.string(), v.parseJson(), StoredActivitySettings) }) })
