/**
 * Reads the dated proofs of a project's connection. src/projects/record-proof.ts stores them.
 *
 *     id    facet                           holds
 *     acme  proof#2026-01-05T09:30:00.000Z  why, report, expiresAt
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { type Item, queryItems, Text } from './table.ts'

export const proofPrefix = 'proof#'

export type Proof = {
  readonly at: Date
  /** Why it failed, in words; absent if it passed. */
  readonly why?: string | undefined
  /** The customer's role accepted the second external id of a rotation: the first can be retired. */
  readonly usedNextId?: boolean
  /** The steps and their verdicts, as the prover writes them. Contains no external id. */
  readonly report: unknown
}

export const passed = ({ why }: Pick<Proof, 'why'>): boolean => why === undefined

/** @param table the projects table */
export function createProofs(dynamodb: DynamoDBClient, table: string) {
  return {
    /** The proofs of a project, latest first. */
    async *of(project: string): AsyncGenerator<Proof> {
      const selection = { prefix: proofPrefix, isDescending: true, pageSize: 10 }
      for await (const item of queryItems(dynamodb, table, project, selection)) yield readProof(item)
    },
  }
}

const ProofItem = v.object({
  facet: Text,
  why: v.optional(Text),
  report: v.object({ S: v.pipe(v.string(), v.parseJson()) }),
})

function readProof(item: Item): Proof {
  const { facet, why, report } = v.parse(ProofItem, item)
  return { at: new Date(facet.S.slice(proofPrefix.length)), why: why?.S, report: report.S }
}
