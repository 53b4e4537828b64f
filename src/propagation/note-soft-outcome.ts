/**
 * Notes the outcome of soft bounces in the item of the address, for the guard, which reads only this item of each address.
 *
 * The note follows the list with the delay of the stream: docs/sending.md says what that means.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Verdict } from '../suppression/judge.ts'
import type { StoredItem } from '../suppression/read-list.ts'
import type { SuppressionRules } from '../suppression/rules.ts'
import { softOutcomeAttribute, softOutcomeOf, softOutcomeTextOf } from '../suppression/soft-outcome.ts'
import { updateItem } from '../update-item.ts'
import type { StreamChange } from './stream-record.ts'

export type SoftOutcomeNotes = ReturnType<typeof createSoftOutcomeNotes>

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createSoftOutcomeNotes(dynamodb: DynamoDBClient, table: string) {
  return {
    /**
     * Idempotent, and independent of the order: the latest outcome stays, whoever writes last. An outcome that the item already has costs
     * no write.
     */
    async keep(
      project: string,
      address: string,
      items: readonly StoredItem[],
      verdict: Verdict,
      rules: SuppressionRules,
    ): Promise<void> {
      const outcome = softOutcomeOf(verdict, rules)
      const known = items.find((item) => item.address === address)?.[softOutcomeAttribute] ?? ''
      const text = outcome && softOutcomeTextOf(outcome)
      if (text === undefined || text <= known) return
      await updateItem(dynamodb, table, {
        Key: { project: { S: project }, address: { S: address } },
        UpdateExpression: 'SET #outcome = :outcome',
        ConditionExpression: 'attribute_not_exists(#outcome) OR #outcome < :outcome',
        ExpressionAttributeNames: { '#outcome': softOutcomeAttribute },
        ExpressionAttributeValues: { ':outcome': { S: text } },
      })
    },
  }
}

/** Whether a change is such a note, which changes no verdict. */
export function isSoftOutcomeNote({ key, address, before, after }: StreamChange): boolean {
  if (key !== address || !after) return false
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after)])
  names.delete('project')
  names.delete('address')
  return [...names].every((name) => name === softOutcomeAttribute || before?.[name] === after[name])
}
