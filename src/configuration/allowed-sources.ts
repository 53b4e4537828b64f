/**
 * The allowed sources of each policy owner (a pair of our topics, or our queue): the projects whose events it accepts.
 *
 *     id                 facet     holds
 *     admitted#topics-1  acme      project, account, source (the ARN of its configuration set)
 *     admitted#queue     acme      project, account, source (the ARN of the topic in its account)
 *     admitted#topics-1  #version  version, which each new source replaces
 *
 * The policies of topics and queue are generated from these items alone:
 * docs/design/configuration.md#why-generate-resource-policies-from-the-table
 */
import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { keyOf, queryItems, Text } from '../projects/table.ts'
import { claimOf, conflict, releaseOf, retryOnConflict, transact } from '../projects/transaction.ts'

export type AllowedSource = {
  readonly project: string
  readonly account: string
  /** The value of aws:SourceArn in calls that an AWS service makes for the project. */
  readonly sourceArn: string
}

export type AllowedSources = ReturnType<typeof createAllowedSources>

const idOf = (ownerKey: string) => `admitted#${ownerKey}`

/** No project id contains a `#`. */
const versionFacet = '#version'

/** @param table the projects table */
export function createAllowedSources(dynamodb: DynamoDBClient, table: string) {
  async function read(ownerKey: string): Promise<{ sources: AllowedSource[]; version: string | undefined }> {
    const sources: AllowedSource[] = []
    let version: string | undefined
    for await (const item of queryItems(dynamodb, table, idOf(ownerKey))) {
      if (item.facet?.S === versionFacet) {
        version = item.version?.S
        continue
      }
      const { project, account, source } = v.parse(SourceItem, item)
      sources.push({ project: project.S, account: account.S, sourceArn: source.S })
    }
    return { sources, version }
  }

  return {
    /** All allowed sources of a policy owner, in the order of their projects. */
    async list(ownerKey: string): Promise<AllowedSource[]> {
      return (await read(ownerKey)).sources
    },

    /**
     * Allows a source if there is room for it beside the other sources. Of two concurrent calls one sees the other's source. Idempotent.
     * @returns whether there was room
     */
    async add(
      ownerKey: string,
      source: AllowedSource,
      hasRoomFor: (sources: readonly AllowedSource[]) => boolean,
    ): Promise<boolean> {
      const { project, account, sourceArn } = source
      return retryOnConflict(project, async () => {
        const { sources, version } = await read(ownerKey)
        const others = sources.filter((one) => one.project !== project)
        const own = sources.filter((one) => one.project === project)
        if (sameSources([source], own)) return true
        if (!hasRoomFor([...others, source])) return false
        const refused = await transact(dynamodb, {
          source: claimOf(table, {
            ...keyOf(idOf(ownerKey), project),
            project: { S: project },
            account: { S: account },
            source: { S: sourceArn },
          }),
          version: {
            Update: {
              TableName: table,
              Key: keyOf(idOf(ownerKey), versionFacet),
              UpdateExpression: 'SET version = :next',
              ConditionExpression: version === undefined ? 'attribute_not_exists(version)' : 'version = :seen',
              ExpressionAttributeValues: {
                ':next': { S: randomUUID() },
                ...(version !== undefined && { ':seen': { S: version } }),
              },
            },
          },
        })
        return refused === conflict || refused.size > 0 ? conflict : true
      })
    },

    /** Idempotent. */
    async remove(ownerKey: string, project: string): Promise<void> {
      await retryOnConflict(project, () =>
        transact(dynamodb, { source: releaseOf(table, idOf(ownerKey), project, project) }),
      )
    },
  }
}

export const sameSources = (some: readonly AllowedSource[], others: readonly AllowedSource[]): boolean =>
  JSON.stringify(some) === JSON.stringify(others)

const SourceItem = v.object({ project: Text, account: Text, source: Text })
