/**
 * Identities whose mail uses our configuration set when it names none, since somebody asked us for that. Remembered, so that
 * `disconnect` takes the default away before it deletes the set: SES would refuse their mail from then on.
 *
 *     id    facet         holds
 *     acme  default-sets  identities
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { configurationSetOf, type UsableConnection } from '../projects/connection.ts'
import { retryOnConflict, transact } from '../projects/transaction.ts'
import type { CustomerSes } from './customer-ses.ts'

const facet = 'default-sets'

/** What became of an identity: another configuration set is never replaced. */
export type DefaultSet =
  | { readonly identity: string; readonly outcome: 'made the default' | 'is the default' | 'no such identity' }
  | { readonly identity: string; readonly outcome: 'has another default'; readonly set: string }

/** @param table the projects table */
export function createDefaultConfigurationSets(dynamodb: DynamoDBClient, table: string, ses: CustomerSes) {
  const change = (project: string, verb: 'ADD' | 'DELETE', identity: string) =>
    retryOnConflict(project, () =>
      transact(dynamodb, {
        identities: {
          Update: {
            TableName: table,
            Key: { id: { S: project }, facet: { S: facet } },
            UpdateExpression: `${verb} identities :one`,
            ExpressionAttributeValues: { ':one': { SS: [identity] } },
          },
        },
      }),
    )

  async function of(project: string): Promise<string[]> {
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'id = :project AND facet = :facet',
        ExpressionAttributeValues: { ':project': { S: project }, ':facet': { S: facet } },
        ConsistentRead: true,
      }),
    )
    return Items[0]?.identities?.SS ?? []
  }

  return {
    /** Makes our configuration set the default of identities that have none. Repeating it changes nothing. */
    async make(to: UsableConnection, identities: readonly string[]): Promise<DefaultSet[]> {
      const made: DefaultSet[] = []
      for (const identity of identities) {
        const found = await ses.defaultOf(to, identity)
        if (!found) made.push({ identity, outcome: 'no such identity' })
        else if (found.set !== undefined && found.set !== configurationSetOf(to.project))
          made.push({ identity, outcome: 'has another default', set: found.set })
        else {
          await change(to.project, 'ADD', identity)
          if (found.set === undefined) await ses.setDefault(to, identity, true)
          made.push({ identity, outcome: found.set === undefined ? 'made the default' : 'is the default' })
        }
      }
      return made
    },

    /** Takes the default away where it is still ours. Repeating it changes nothing. */
    async takeBack(to: UsableConnection): Promise<void> {
      for (const identity of await of(to.project)) {
        const found = await ses.defaultOf(to, identity)
        if (found?.set === configurationSetOf(to.project)) await ses.setDefault(to, identity, false)
        await change(to.project, 'DELETE', identity)
      }
    },
  }
}
