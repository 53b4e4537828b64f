/**
 * Who is let in where: the projects whose events a pair of our topics, or our queue, takes.
 *
 *     id                facet  holds
 *     admitted#topics-1  acme  project, account, source (the ARN of its configuration set)
 *     admitted#queue     acme  project, account, source (the ARN of the topic in its account)
 *     admitted#topics-1  #version
 *
 * The policies of topics and queue are made of these items and of nothing else: docs/decisions/0100-policies-made-of-the-table.md
 */
import { randomUUID } from 'node:crypto'
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { claimOf, conflict, releaseOf, retryOnConflict, transact } from '../projects/transaction.ts'

export type AllowedSource = {
  readonly project: string
  readonly account: string
  /** What AWS names as aws:SourceArn when it speaks for the project. */
  readonly source: string
}

export type AllowedSources = ReturnType<typeof createAllowedSources>

const keyOf = (place: string) => `admitted#${place}`

/** Facet of the item that is another after every admission. No project id has a `#`. */
const versionFacet = '#version'

/** @param table the projects table */
export function createAllowedSources(dynamodb: DynamoDBClient, table: string) {
  async function read(place: string): Promise<{ admitted: AllowedSource[]; version: string | undefined }> {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        KeyConditionExpression: 'id = :place',
        ExpressionAttributeValues: { ':place': { S: keyOf(place) } },
        ConsistentRead: true,
      },
    )
    const admitted: AllowedSource[] = []
    let version: string | undefined
    for await (const { Items = [] } of pages)
      for (const item of Items) {
        if (item.facet?.S === versionFacet) {
          version = item.version?.S
          continue
        }
        const { project, account, source } = v.parse(Item, item)
        admitted.push({ project: project.S, account: account.S, source: source.S })
      }
    return { admitted, version }
  }

  return {
    /** Everybody who is let in at a place, by project. */
    async at(place: string): Promise<AllowedSource[]> {
      return (await read(place)).admitted
    },

    /**
     * Lets a project in, if there is room beside those who are in by then: of two at once one looks again. Repeating it changes nothing.
     * @returns whether there was room
     */
    async add(
      place: string,
      admission: AllowedSource,
      hasRoomFor: (admitted: readonly AllowedSource[]) => boolean,
    ): Promise<boolean> {
      const { project, account, source } = admission
      return retryOnConflict(project, async () => {
        const { admitted, version } = await read(place)
        const others = admitted.filter((one) => one.project !== project)
        if (
          sameSources(
            [admission],
            admitted.filter((one) => one.project === project),
          )
        )
          return true
        if (!hasRoomFor([...others, admission])) return false
        const refused = await transact(dynamodb, {
          admission: claimOf(table, {
            id: { S: keyOf(place) },
            facet: { S: project },
            project: { S: project },
            account: { S: account },
            source: { S: source },
          }),
          version: {
            Update: {
              TableName: table,
              Key: { id: { S: keyOf(place) }, facet: { S: versionFacet } },
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

    /** Repeating it changes nothing. */
    async remove(place: string, project: string): Promise<void> {
      await retryOnConflict(project, () =>
        transact(dynamodb, { admission: releaseOf(table, keyOf(place), project, project) }),
      )
    },
  }
}

export const sameSources = (some: readonly AllowedSource[], others: readonly AllowedSource[]): boolean =>
  JSON.stringify(some) === JSON.stringify(others)

const Text = v.object({ S: v.string() })
const Item = v.object({ project: Text, account: Text, source: Text })
