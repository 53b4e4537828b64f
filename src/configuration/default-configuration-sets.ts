/**
 * Identities whose default configuration set is ours, because an operator requested it. They are stored, so that `disconnect` removes the
 * default before it deletes the set: SES refuses mail of an identity whose default set does not exist.
 *
 *     id    facet         holds
 *     acme  default-sets  identities
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { configurationSetOf, type UsableConnection } from '../projects/connection.ts'
import { findItem, keyOf } from '../projects/table.ts'
import { retryOnConflict, transact } from '../projects/transaction.ts'
import type { CustomerSes } from './customer-ses.ts'

const facet = 'default-sets'

/** The outcome for one identity. Another default configuration set is never replaced. */
export type DefaultSet =
  | { readonly identity: string; readonly outcome: 'made the default' | 'is the default' | 'no such identity' }
  | { readonly identity: string; readonly outcome: 'has another default'; readonly set: string }

export type DefaultConfigurationSets = ReturnType<typeof createDefaultConfigurationSets>

/** @param table the projects table */
export function createDefaultConfigurationSets(dynamodb: DynamoDBClient, table: string, ses: CustomerSes) {
  const change = (project: string, verb: 'ADD' | 'DELETE', identity: string) =>
    retryOnConflict(project, () =>
      transact(dynamodb, {
        identities: {
          Update: {
            TableName: table,
            Key: keyOf(project, facet),
            UpdateExpression: `${verb} identities :one`,
            ExpressionAttributeValues: { ':one': { SS: [identity] } },
          },
        },
      }),
    )

  return {
    /** Makes our configuration set the default of identities that have no default. Idempotent. */
    async make(connection: UsableConnection, identities: readonly string[]): Promise<DefaultSet[]> {
      const own = configurationSetOf(connection.project)
      const outcomes: DefaultSet[] = []
      for (const identity of identities) {
        const found = await ses.defaultOf(connection, identity)
        if (!found) outcomes.push({ identity, outcome: 'no such identity' })
        else if (found.set !== undefined && found.set !== own)
          outcomes.push({ identity, outcome: 'has another default', set: found.set })
        else {
          await change(connection.project, 'ADD', identity)
          if (found.set === undefined) await ses.setDefault(connection, identity, true)
          outcomes.push({ identity, outcome: found.set === undefined ? 'made the default' : 'is the default' })
        }
      }
      return outcomes
    },

    /** Removes the default of the stored identities if it is still ours. Idempotent. */
    async remove(connection: UsableConnection): Promise<void> {
      const { project } = connection
      const { identities } = (await findItem(dynamodb, table, project, facet)) ?? {}
      for (const identity of identities?.SS ?? []) {
        const found = await ses.defaultOf(connection, identity)
        if (found?.set === configurationSetOf(project)) await ses.setDefault(connection, identity, false)
        await change(project, 'DELETE', identity)
      }
    },
  }
}
