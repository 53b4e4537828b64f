/**
 * Changes of connections: connect, attach a role, change topics, rotate the external id, disconnect.
 *
 * Each change is one transaction with its history entry (src/projects/changes.ts) and with the items that reserve external ids, role ARNs
 * and routes for one project. It is conditional on the revision that was read, so of two concurrent changes one is retried.
 */
import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { projectCheckOf } from './change-project.ts'
import { type ChangeContext, changeItemOf } from './changes.ts'
import { createClaimConfirmation } from './confirm-claims.ts'
import {
  type Connection,
  type ConnectionSettings,
  ConnectionSettingsError,
  type ConnectionSettingsInput,
  configurationSetOf,
  readConnectionSettings,
} from './connection.ts'
import { connectionFacet, connectionItemOf, externalIdKey, roleArnKey } from './connection-item.ts'
import { foreignRoleArnError } from './connections.ts'
import { duePutOf, newDueEntry, quarterOf } from './due-work.ts'
import { newExternalId } from './external-id.ts'
import { findStoredProject, type StoredProject } from './projects.ts'
import { nextProofAt } from './proof-schedule.ts'
import type { RoleArn } from './role-arn.ts'
import { createExternalIdRotation } from './rotate-external-id.ts'
import { createRouteClaims } from './route-claims.ts'
import { keyOf } from './table.ts'
import { conflict, retryOnConflict, SettingsBusyError } from './transaction.ts'
import { createConnectionWriter, formerItemOf } from './write-connection.ts'

export type ConnectionChanges = ReturnType<typeof createConnectionChanges>

/** @param table the projects table */
export function createConnectionChanges(dynamodb: DynamoDBClient, table: string) {
  const { find, findExisting, claim, claimNew, release, update, write } = createConnectionWriter(dynamodb, table)
  const claims = createRouteClaims(dynamodb, table)
  const confirmClaims = createClaimConfirmation(dynamodb, table)

  /** The route of the project's own configuration set, if it counts before a proof. */
  const ownRouteOf = ({ project, isVouched }: StoredProject) =>
    claims.partsFor(project, isVouched ? 'vouched' : 'claimed', [configurationSetOf(project.id)])

  return {
    ...createExternalIdRotation(dynamodb, table),

    /**
     * Creates the connection of a project with a new external id, or changes the settings of the existing one, which must then be proven
     * again. Idempotent: with the same settings it returns the same external id.
     * @throws ConnectionSettingsError if a setting is invalid, the project does not exist or has another account
     * @throws SettingsBusyError if other changes keep interfering
     */
    async connect(input: ConnectionSettingsInput, context: ChangeContext): Promise<Connection> {
      const settings = readConnectionSettings(input)
      const { project, account, region, topics } = settings
      const fields = { account, region, topics, features: settings.features.join(', ') }
      return retryOnConflict(project, async () => {
        const before = await find(project)
        if (before && hasSettings(before, settings)) return before
        if (before && before.account !== account) {
          throw new ConnectionSettingsError(
            'account',
            'is not the account of the connection: disconnect the project first',
          )
        }
        const stored = await findStoredProject(dynamodb, table, project)
        const routes = stored && !before && (await ownRouteOf(stored))
        const externalId = newExternalId()
        const connection = { ...settings, externalId, state: 'waiting', revision: randomUUID() } as const
        const written = await write(
          before
            ? {
                connection: update(
                  before,
                  'SET #region = :region, topics = :topics, features = :features, revision = :revision REMOVE provenAt, checkedAt, brokenSince, brokenWhy',
                  { ':region': region, ':topics': topics, ':features': settings.features },
                ),
                change: changeItemOf(table, project, context, 'connection changed', fields),
              }
            : {
                project: projectCheckOf(table, project, account),
                ...routes,
                connection: {
                  Put: {
                    TableName: table,
                    Item: { ...connectionItemOf(connection), connectedAt: { S: context.at.toISOString() } },
                    ConditionExpression: 'attribute_not_exists(id)',
                  },
                },
                externalId: claimNew(externalIdKey(externalId), project),
                change: changeItemOf(table, project, context, 'connected', { ...fields, externalId: 'made' }),
              },
          (refused) => {
            if (refused.has('project')) {
              throw new ConnectionSettingsError(
                'account',
                `is not that of project ${project}, or there is no such project`,
              )
            }
          },
        )
        return written === conflict ? conflict : findExisting(project)
      })
    },

    /**
     * Stores the role that the proof has just passed for, and reserves its ARN for the project.
     * @param connection as it was proven: if it has changed since, nothing is stored
     * @throws RoleArnError if the ARN belongs to another project
     * @throws SettingsBusyError if the connection has changed: prove it again
     */
    async attach(
      connection: Connection,
      roleArn: RoleArn,
      provenAt: Date,
      context: ChangeContext,
    ): Promise<Connection> {
      const { project } = connection
      const former = connection.roleArn
      const isSameRole = former === roleArn
      const written = await write(
        {
          connection: update(
            connection,
            `SET roleArn = :arn, ${isSameRole ? '' : 'roleAt = :at, '}provenAt = :at, checkedAt = :at, revision = :revision REMOVE brokenSince, brokenWhy`,
            { ':arn': roleArn, ':at': provenAt.toISOString() },
          ),
          ...(former !== undefined && !isSameRole && { formerRole: formerItemOf(table, connection, context.at) }),
          arn: claim(roleArnKey(roleArn), project),
          reconcileDue: duePutOf(table, 'reconcile', newDueEntry(project, quarterOf(provenAt))),
          proofDue: duePutOf(table, 'proof', newDueEntry(project, nextProofAt(project, provenAt))),
          ...(former !== undefined &&
            roleArnKey(former) !== roleArnKey(roleArn) && { former: release(roleArnKey(former), project) }),
          change: changeItemOf(table, project, context, 'role attached', { roleArn }),
        },
        (refused) => {
          if (refused.has('arn')) throw foreignRoleArnError()
        },
      )
      if (written === conflict) throw new SettingsBusyError(project)
      await confirmClaims(project)
      return findExisting(project)
    },

    /**
     * Stores whose topics SES publishes to. Idempotent.
     * @throws NotConnectedError | SettingsBusyError
     */
    async useTopics(project: string, topics: Connection['topics'], context: ChangeContext): Promise<Connection> {
      return retryOnConflict(project, async () => {
        const before = await findExisting(project)
        if (before.topics === topics) return before
        const written = await write({
          connection: update(before, 'SET topics = :topics, revision = :revision', { ':topics': topics }),
          change: changeItemOf(table, project, context, 'topics changed', { topics }),
        })
        return written === conflict ? conflict : findExisting(project)
      })
    },

    /**
     * Deletes the connection with its role ARN, external ids and route. Idempotent.
     * @returns the deleted connection; `undefined` if there was none
     * @throws SettingsBusyError
     */
    async disconnect(project: string, context: ChangeContext): Promise<Connection | undefined> {
      return retryOnConflict(project, async () => {
        const before = await find(project)
        if (!before) return undefined
        const { account, roleArn, externalId, nextExternalId } = before
        const stored = await findStoredProject(dynamodb, table, project)
        const routes = stored && (await claims.partsWithoutProof(stored.project, stored.isVouched))
        const written = await write({
          connection: {
            Delete: {
              TableName: table,
              Key: keyOf(project, connectionFacet),
              ConditionExpression: 'revision = :seen',
              ExpressionAttributeValues: { ':seen': { S: before.revision } },
            },
          },
          former: formerItemOf(table, before, context.at),
          ...routes,
          externalId: release(externalIdKey(externalId), project),
          ...(nextExternalId !== undefined && { next: release(externalIdKey(nextExternalId), project) }),
          ...(roleArn !== undefined && { arn: release(roleArnKey(roleArn), project) }),
          change: changeItemOf(table, project, context, 'disconnected', { account }),
        })
        return written === conflict ? conflict : before
      })
    },
  }
}

const hasSettings = (connection: Connection, { account, region, topics, features }: ConnectionSettings): boolean =>
  connection.account === account &&
  connection.region === region &&
  connection.topics === topics &&
  connection.features.join() === features.join()
