/**
 * Rotates the external id of a connection: `rotate` adds a second one, `retire` removes the first once the customer's role requires the
 * second.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type ChangeContext, changeItemOf } from './changes.ts'
import type { Connection } from './connection.ts'
import { externalIdKey } from './connection-item.ts'
import { newExternalId } from './external-id.ts'
import { conflict, retryOnConflict } from './transaction.ts'
import { createConnectionWriter } from './write-connection.ts'

/** @param table the projects table */
export function createExternalIdRotation(dynamodb: DynamoDBClient, table: string) {
  const { findExisting, claimNew, release, update, write } = createConnectionWriter(dynamodb, table)

  return {
    /**
     * Adds a second external id. The customer's role may require either until the first is retired. Idempotent: returns the same second id.
     * @throws NotConnectedError | SettingsBusyError
     */
    async rotate(project: string, context: ChangeContext): Promise<Connection & { readonly nextExternalId: string }> {
      return retryOnConflict(project, async () => {
        const before = await findExisting(project)
        const { nextExternalId } = before
        if (nextExternalId !== undefined) return { ...before, nextExternalId }
        const next = newExternalId()
        const written = await write({
          connection: update(before, 'SET nextExternalId = :next, revision = :revision', { ':next': next }),
          externalId: claimNew(externalIdKey(next), project),
          change: changeItemOf(table, project, context, 'external id rotated', { nextExternalId: 'made' }),
        })
        return written === conflict ? conflict : { ...(await findExisting(project)), nextExternalId: next }
      })
    },

    /**
     * Retires the first external id, after a proof passed with the second. Idempotent: it retires the id of `proven` and no other.
     * @throws NotConnectedError | SettingsBusyError
     */
    async retire(proven: Connection, context: ChangeContext): Promise<Connection> {
      const { project, externalId, nextExternalId } = proven
      return retryOnConflict(project, async () => {
        const before = await findExisting(project)
        if (before.externalId !== externalId || nextExternalId === undefined) return before
        const written = await write({
          connection: update(before, 'SET externalId = :next, revision = :revision REMOVE nextExternalId', {
            ':next': nextExternalId,
          }),
          former: release(externalIdKey(externalId), project),
          change: changeItemOf(table, project, context, 'external id retired', {
            externalId: 'the second is the only one',
          }),
        })
        return written === conflict ? conflict : findExisting(project)
      })
    },
  }
}
