/**
 * The external id of a connection, rotated: a second is given, and the first retired once the customer's role asks for the second.
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
  const { existing, ownNew, disown, update, write } = createConnectionWriter(dynamodb, table)

  return {
    /**
     * Gives the connection a second external id; the customer's role may ask for either until the first is retired.
     * Repeating it changes nothing and answers the same second id.
     * @throws NotConnectedError
     */
    async rotate(project: string, occasion: ChangeContext): Promise<Connection & { readonly nextExternalId: string }> {
      return retryOnConflict(project, async () => {
        const before = await existing(project)
        const { nextExternalId } = before
        if (nextExternalId !== undefined) return { ...before, nextExternalId }
        const next = newExternalId()
        const made = await write({
          connection: update(before, 'SET nextExternalId = :next, revision = :revision', { ':next': next }),
          externalId: ownNew(externalIdKey(next), project),
          change: changeItemOf(table, project, occasion, 'external id rotated', { nextExternalId: 'made' }),
        })
        return made === conflict ? conflict : { ...(await existing(project)), nextExternalId: next }
      })
    },

    /**
     * Retires the first external id, after a proof passed with the second.
     * Repeating it changes nothing: it retires the id that `proven` holds, and no other.
     */
    async retire(proven: Connection, occasion: ChangeContext): Promise<Connection> {
      const { project, externalId, nextExternalId } = proven
      return retryOnConflict(project, async () => {
        const before = await existing(project)
        if (before.externalId !== externalId || nextExternalId === undefined) return before
        const made = await write({
          connection: update(before, 'SET externalId = :next, revision = :revision REMOVE nextExternalId', {
            ':next': nextExternalId,
          }),
          former: disown(externalIdKey(externalId), project),
          change: changeItemOf(table, project, occasion, 'external id retired', {
            externalId: 'the second is the only one',
          }),
        })
        return made === conflict ? conflict : existing(project)
      })
    },
  }
}
