/**
 * The dated proofs of a project's connection, read. src/projects/record-proof.ts writes them.
 *
 *     id    facet                           holds
 *     acme  proof#2026-01-05T09:30:00.000Z  why, report, expiresAt
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'

export const proofPrefix = 'proof#'

export type Proof = {
  readonly at: Date
  /** Why it failed, in words for people; absent if it passed. */
  readonly why?: string | undefined
  /** The customer's role asked for the second external id: the first can be retired. */
  readonly usedNextId?: boolean
  /** The steps and their verdicts, as the prover writes them. No external id stands in it. */
  readonly report: unknown
}

export const passed = ({ why }: Pick<Proof, 'why'>): boolean => why === undefined

/** @param table the projects table */
export function createProofs(dynamodb: DynamoDBClient, table: string) {
  return {
    /** The proofs of a project, latest first. */
    async *of(project: string): AsyncGenerator<Proof> {
      const pages = paginateQuery(
        { client: dynamodb, pageSize: 10 },
        {
          TableName: table,
          KeyConditionExpression: 'id = :project AND begins_with(facet, :prefix)',
          ExpressionAttributeValues: { ':project': { S: project }, ':prefix': { S: proofPrefix } },
          ScanIndexForward: false,
          ConsistentRead: true,
        },
      )
      for await (const { Items = [] } of pages) yield* Items.map(proofIn)
    },
  }
}

const Text = v.object({ S: v.string() })
const Item = v.object({
  facet: Text,
  why: v.optional(Text),
  report: v.object({ S: v.pipe(v.string(), v.parseJson()) }),
})

function proofIn(item: Record<string, AttributeValue>): Proof {
  const { facet, why, report } = v.parse(Item, item)
  return { at: new Date(facet.S.slice(proofPrefix.length)), why: why?.S, report: report.S }
}
