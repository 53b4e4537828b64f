/** Stores proofs: each as an item of its own with its date, and the result of the latest in the connection. */
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { dayMs } from '../time.ts'
import { type Actor, changeItemOf } from './changes.ts'
import { createClaimConfirmation } from './confirm-claims.ts'
import type { Connection, ConnectionState } from './connection.ts'
import { connectionFacet } from './connection-item.ts'
import { createConnections } from './connections.ts'
import { duePutOf, newDueEntry, quarterOf } from './due-work.ts'
import { type Proof, passed, proofPrefix } from './proofs.ts'
import { keyOf } from './table.ts'
import { conflict, retryOnConflict, transact } from './transaction.ts'

/** A proof is deleted after this many days. */
const retentionDays = 400

/**
 * The state of the connection before and after a proof. `kept`: the proof is stored and changes no state, because a later proof exists, or
 * the connection has changed since.
 */
export type RecordedProof = { readonly before: ConnectionState; readonly after: ConnectionState } | 'kept'

export type ProofRecorder = ReturnType<typeof createProofRecorder>

/** @param table the projects table */
export function createProofRecorder(dynamodb: DynamoDBClient, table: string) {
  const { find } = createConnections(dynamodb, table)
  const confirmClaims = createClaimConfirmation(dynamodb, table)

  /** Idempotent: the key is the date of the proof. */
  const proofItem = (project: string, { at, why, report }: Proof) => ({
    TableName: table,
    Item: {
      ...keyOf(project, `${proofPrefix}${at.toISOString()}`),
      ...(why !== undefined && { why: { S: why } }),
      report: { S: JSON.stringify(report) },
      expiresAt: { N: String(Math.floor((at.getTime() + retentionDays * dayMs) / 1000)) },
    },
  })

  /** Stores the result in the connection, unless another proof has been stored since the connection was read. */
  function resultItem({ project, revision, checkedAt }: Connection, { at, why }: Proof): TransactWriteItem {
    const isUnchecked = checkedAt ? 'checkedAt = :checked' : 'attribute_not_exists(checkedAt)'
    return {
      Update: {
        TableName: table,
        Key: keyOf(project, connectionFacet),
        ConditionExpression: `revision = :revision AND ${isUnchecked}`,
        UpdateExpression:
          why === undefined
            ? 'SET checkedAt = :at, provenAt = :at REMOVE brokenSince, brokenWhy'
            : 'SET checkedAt = :at, brokenSince = if_not_exists(brokenSince, :at), brokenWhy = :why',
        ExpressionAttributeValues: {
          ':revision': { S: revision },
          ':at': { S: at.toISOString() },
          ...(checkedAt && { ':checked': { S: checkedAt.toISOString() } }),
          ...(why !== undefined && { ':why': { S: why } }),
        },
      },
    }
  }

  const keep = async (project: string, proof: Proof): Promise<void> => {
    await retryOnConflict(project, () => transact(dynamodb, { proof: { Put: proofItem(project, proof) } }))
  }

  return {
    /** Stores a proof without changing the connection: of a role that the connection does not have, or not yet. Idempotent. */
    keep,

    /**
     * Stores a proof of the connection's role, and its result in the connection: proven or quarantined. Idempotent. The latest proof
     * decides, in whatever order proofs are recorded.
     * @param proven the connection as it was proven
     * @throws SettingsBusyError
     */
    async record(proven: Connection, proof: Proof, actor: Actor): Promise<RecordedProof> {
      const { project } = proven
      return retryOnConflict(project, async () => {
        const before = await find(project)
        if (
          !before?.roleArn ||
          before.revision !== proven.revision ||
          before.roleArn !== proven.roleArn ||
          hasLaterProof(before, proof)
        ) {
          await keep(project, proof)
          return 'kept'
        }
        const after = passed(proof) ? 'proven' : before.state === 'waiting' ? 'waiting' : 'quarantined'
        const fields = { state: after, ...(proof.why !== undefined && { why: proof.why }) }
        const refused = await transact(dynamodb, {
          connection: resultItem(before, proof),
          proof: { Put: proofItem(project, proof) },
          ...(after === 'proven' &&
            before.state !== after && {
              due: duePutOf(table, 'reconcile', newDueEntry(project, quarterOf(proof.at))),
            }),
          ...(before.state !== after && {
            change: changeItemOf(table, project, { ...actor, at: proof.at }, after, fields),
          }),
        })
        if (refused === conflict || refused.size > 0) return conflict
        if (after === 'proven') await confirmClaims(project)
        return { before: before.state, after }
      })
    },
  }
}

const hasLaterProof = ({ checkedAt }: Connection, { at }: Proof): boolean => checkedAt !== undefined && checkedAt >= at
