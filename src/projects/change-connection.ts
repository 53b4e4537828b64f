/**
 * Changes of a connection: made, attached to a role, its external id rotated, taken back.
 *
 * Each rests on the revision that it read, so of two at once one begins anew, and stands in one transaction with its entry in
 * src/projects/changes.ts and with the items that make ids, ARNs and routes one project's own.
 */
import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ifProjectOf } from './change-project.ts'
import { type ChangeContext, changeItemOf } from './changes.ts'
import {
  type Connection,
  type ConnectionSettings,
  ConnectionSettingsError,
  type ConnectionSettingsInput,
  configurationSetOf,
  readConnectionSettings,
} from './connection.ts'
import { connectionFacet, connectionItemOf, externalIdKey, roleArnKey } from './connection-item.ts'
import { ofAnotherProject } from './connections.ts'
import { newExternalId } from './external-id.ts'
import type { RoleArn } from './role-arn.ts'
import { createExternalIdRotation } from './rotate-external-id.ts'
import { routeKey } from './routes.ts'
import { claimOf, conflict, releaseOf, retryOnConflict, SettingsBusyError } from './transaction.ts'
import { createConnectionWriter } from './write-connection.ts'

export type ConnectionChanges = ReturnType<typeof createConnectionChanges>

/** @param table the projects table */
export function createConnectionChanges(dynamodb: DynamoDBClient, table: string) {
  const { find, existing, own, ownNew, disown, update, write } = createConnectionWriter(dynamodb, table)

  return {
    ...createExternalIdRotation(dynamodb, table),

    /**
     * Makes the connection of a project, with an external id of its own; or changes its settings, which must then be proven again.
     * Repeating it changes nothing and answers the same external id.
     * @throws ConnectionSettingsError if a setting is wrong, or the project is of another account or none
     */
    async connect(asked: ConnectionSettingsInput, occasion: ChangeContext): Promise<Connection> {
      const settings = readConnectionSettings(asked)
      const { project, account, region, topics } = settings
      const fields = { account, region, topics, features: settings.features.join(', ') }
      return retryOnConflict(project, async () => {
        const before = await find(project)
        if (before && sameSettings(before, settings)) return before
        if (before && before.account !== account) {
          throw new ConnectionSettingsError('account', 'is another than that of the connection: disconnect it first')
        }
        const externalId = newExternalId()
        const fresh = { ...settings, externalId, state: 'waiting', revision: randomUUID() } as const
        const made = await write(
          before
            ? {
                connection: update(
                  before,
                  'SET #region = :region, topics = :topics, features = :features, revision = :revision REMOVE provenAt, checkedAt, brokenSince, brokenWhy',
                  { ':region': region, ':topics': topics, ':features': settings.features },
                ),
                change: changeItemOf(table, project, occasion, 'connection changed', fields),
              }
            : {
                project: ifProjectOf(table, project, account),
                route: claimOf(table, {
                  id: { S: routeKey(account) },
                  facet: { S: configurationSetOf(project) },
                  project: { S: project },
                }),
                connection: {
                  Put: {
                    TableName: table,
                    Item: connectionItemOf(fresh),
                    ConditionExpression: 'attribute_not_exists(id)',
                  },
                },
                externalId: ownNew(externalIdKey(externalId), project),
                change: changeItemOf(table, project, occasion, 'connected', { ...fields, externalId: 'made' }),
              },
          (refused) => {
            if (refused.has('project')) {
              throw new ConnectionSettingsError(
                'account',
                `is not that of project ${project}, or there is no such project`,
              )
            }
            if (refused.has('route')) {
              throw new ConnectionSettingsError('account', `has ${configurationSetOf(project)} in another project`)
            }
          },
        )
        return made === conflict ? conflict : existing(project)
      })
    },

    /**
     * Gives the connection the role that the proof has just passed for. The ARN is the project's own from now on.
     * @param connection as it was proven: if it has changed since, nothing is stored
     * @throws RoleArnError if another project has it; SettingsBusyError if the connection is another by now: prove it again
     */
    async attach(connection: Connection, roleArn: RoleArn, provenAt: Date, who: ChangeContext): Promise<Connection> {
      const { project } = connection
      const former = connection.roleArn
      const made = await write(
        {
          connection: update(
            connection,
            'SET roleArn = :arn, provenAt = :at, checkedAt = :at, revision = :revision REMOVE brokenSince, brokenWhy',
            { ':arn': roleArn, ':at': provenAt.toISOString() },
          ),
          arn: own(roleArnKey(roleArn), project),
          ...(former !== undefined &&
            roleArnKey(former) !== roleArnKey(roleArn) && { former: disown(roleArnKey(former), project) }),
          change: changeItemOf(table, project, who, 'role attached', { roleArn }),
        },
        (refused) => {
          if (refused.has('arn')) throw ofAnotherProject()
        },
      )
      if (made === conflict) throw new SettingsBusyError(project)
      return existing(project)
    },

    /** Takes note that SES publishes to other topics from now on. Repeating it changes nothing. */
    async useTopics(project: string, topics: Connection['topics'], occasion: ChangeContext): Promise<Connection> {
      return retryOnConflict(project, async () => {
        const before = await existing(project)
        if (before.topics === topics) return before
        const made = await write({
          connection: update(before, 'SET topics = :topics, revision = :revision', { ':topics': topics }),
          change: changeItemOf(table, project, occasion, 'topics changed', { topics }),
        })
        return made === conflict ? conflict : existing(project)
      })
    },

    /**
     * Forgets the connection: its ARN, its external ids, its route. Repeating it changes nothing.
     * @returns what was forgotten; `undefined` if there was nothing
     */
    async disconnect(project: string, occasion: ChangeContext): Promise<Connection | undefined> {
      return retryOnConflict(project, async () => {
        const before = await find(project)
        if (!before) return undefined
        const { account, roleArn, externalId, nextExternalId } = before
        const made = await write({
          connection: {
            Delete: {
              TableName: table,
              Key: { id: { S: project }, facet: { S: connectionFacet } },
              ConditionExpression: 'revision = :seen',
              ExpressionAttributeValues: { ':seen': { S: before.revision } },
            },
          },
          route: releaseOf(table, routeKey(account), configurationSetOf(project), project),
          externalId: disown(externalIdKey(externalId), project),
          ...(nextExternalId !== undefined && { next: disown(externalIdKey(nextExternalId), project) }),
          ...(roleArn !== undefined && { arn: disown(roleArnKey(roleArn), project) }),
          change: changeItemOf(table, project, occasion, 'disconnected', { account }),
        })
        return made === conflict ? conflict : before
      })
    },
  }
}

const sameSettings = (connection: Connection, { account, region, topics, features }: ConnectionSettings): boolean =>
  connection.account === account &&
  connection.region === region &&
  connection.topics === topics &&
  connection.features.join() === features.join()
