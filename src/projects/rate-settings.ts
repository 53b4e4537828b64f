/**
 * What decides about the rates of a project: the rules in its settings, and whether it is held, warned or overridden.
 *
 * The attributes are named, because the role of the function that reads this may read no others (iam/rate-judging.yml).
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { findHold, type HoldState } from './hold.ts'
import type { HoldRules } from './project.ts'
import { readStoredProject, settingsFacet } from './projects.ts'
import { findItem } from './table.ts'

export type RateSettings = { readonly rules: HoldRules; readonly hold: HoldState }

/** `undefined` if there is no such project. */
export async function findRateSettings(
  dynamodb: DynamoDBClient,
  table: string,
  id: string,
  now: Date,
): Promise<RateSettings | undefined> {
  const [item, hold] = await Promise.all([
    findItem(dynamodb, table, id, settingsFacet, ['settings']),
    findHold(dynamodb, table, id, now),
  ])
  const text = item?.settings?.S
  return text === undefined ? undefined : { rules: readStoredProject(text).holdRules ?? {}, hold }
}
