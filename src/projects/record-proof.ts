/**
 * What proofs say of a connection, stored: each for itself with its date, and what the latest says beside the connection.
 */
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { type Actor, changeItemOf } from './changes.ts'
import type { Connection, ConnectionState } from './connection.ts'
import { connectionFacet } from './connection-item.ts'
import { createConnections } from './connections.ts'
import { type Proof, passed, proofPrefix } from './proofs.ts'
import { conflict, retryOnConflict, transact } from './transaction.ts'

/** How long a proof is kept. */
const keptDays = 400

/** What a proof changed. `kept`: it is stored and decides nothing, since a later one has, or since the connection is another by now. */
export type RecordedProof = { readonly before: ConnectionState; readonly after: ConnectionState } | 'kept'

export type ProofRecorder = ReturnType<typeof createProofRecorder>

/** @param table the projects table */
export function createProofRecorder(dynamodb: DynamoDBClient, table: string) {
  const { find } = createConnections(dynamodb, table)

  /** Put under its own date: repeating it changes nothing. */
  const put = (project: string, { at, why, report }: Proof) => ({
    TableName: table,
    Item: {
      id: { S: project },
      facet: { S: `${proofPrefix}${at.toISOString()}` },
      ...(why !== undefined && { why: { S: why } }),
      report: { S: JSON.stringify(report) },
      expiresAt: { N: String(Math.floor(at.getTime() / 1000) + keptDays * 86_400) },
    },
  })

  /** What the proof makes of the connection, unless another proof came in between. */
  function judge({ project, revision, checkedAt }: Connection, { at, why }: Proof): TransactWriteItem {
    const isSame = checkedAt ? 'checkedAt = :checked' : 'attribute_not_exists(checkedAt)'
    return {
      Update: {
        TableName: table,
        Key: { id: { S: project }, facet: { S: connectionFacet } },
        ConditionExpression: `revision = :revision AND ${isSame}`,
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
    await retryOnConflict(project, () => transact(dynamodb, { proof: { Put: put(project, proof) } }))
  }

  return {
    /** Stores a proof that decides nothing: of a role that the connection does not have, or not yet. Repeating it changes nothing. */
    keep,

    /**
     * Stores a proof of the connection's role, and what it says of the connection: proven or quarantined.
     * The latest decides, whatever order they arrive in. Repeating it changes nothing.
     * @param proven the connection as it was proven
     */
    async record(proven: Connection, proof: Proof, who: Actor): Promise<RecordedProof> {
      const { project } = proven
      return retryOnConflict(project, async () => {
        const before = await find(project)
        if (
          !before?.roleArn ||
          before.revision !== proven.revision ||
          before.roleArn !== proven.roleArn ||
          isLater(before, proof)
        ) {
          await keep(project, proof)
          return 'kept'
        }
        const after = passed(proof) ? 'proven' : before.state === 'waiting' ? 'waiting' : 'quarantined'
        const fields = { state: after, ...(proof.why !== undefined && { why: proof.why }) }
        const refused = await transact(dynamodb, {
          connection: judge(before, proof),
          proof: { Put: put(project, proof) },
          ...(before.state !== after && {
            change: changeItemOf(table, project, { ...who, at: proof.at }, after, fields),
          }),
        })
        return refused === conflict || refused.size > 0 ? conflict : { before: before.state, after }
      })
    },
  }
}

const isLater = ({ checkedAt }: Connection, { at }: Proof): boolean => checkedAt !== undefined && checkedAt >= at
