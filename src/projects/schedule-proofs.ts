/**
 * Writes the index of due proofs (src/projects/due-work.ts). Each write is a transaction, because the role of the proofs may write the
 * projects table in no other way.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type DueEntry, dueKeyOf, duePutOf, newDueEntry } from './due-work.ts'
import type { DirectorySlice } from './list-due-work.ts'
import { retryOnConflict, transact } from './transaction.ts'

export type ProofSchedule = ReturnType<typeof createProofSchedule>

/** Entries that one transaction removes. A project has one or two. */
const maxEntries = 50

/** @param table the projects table */
export function createProofSchedule(dynamodb: DynamoDBClient, table: string) {
  return {
    /**
     * Replaces the due entries of a project by one at another time, or removes them if no time is given. Idempotent: the same entries and the
     * same time leave the same items.
     * @throws SettingsBusyError
     */
    async move(project: string, entries: readonly DueEntry[], at: Date | undefined, tries = 0): Promise<void> {
      const removed = entries.slice(0, maxEntries).map((entry, i) => {
        return [`entry ${i}`, { Delete: { TableName: table, Key: dueKeyOf('proof', entry) } }] as const
      })
      const parts = {
        ...(at && { next: duePutOf(table, 'proof', newDueEntry(project, at, tries)) }),
        ...Object.fromEntries(removed),
      }
      if (Object.keys(parts).length > 0) await retryOnConflict(project, () => transact(dynamodb, parts))
    },

    /** Stores that a slice of the daily pass is done. Idempotent: the same slice stores the same item. */
    async savePass({ next }: DirectorySlice): Promise<void> {
      if (next) await transact(dynamodb, { pass: { Put: { TableName: table, Item: next } } })
    },
  }
}
