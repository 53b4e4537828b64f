/**
 * Operation `attach`: the role that the customer made, stored once the proof has passed for it.
 *
 * Whose the ARN is, is asked before STS is: nobody can try out another project's role with our help.
 */
import * as v from 'valibot'
import type { ConnectionChanges } from './change-connection.ts'
import { NotConnectedError, type UsableConnection } from './connection.ts'
import type { Connections } from './connections.ts'
import { type Asking, operation } from './operation.ts'
import { ProjectId } from './project.ts'
import { type Proof, passed } from './proofs.ts'
import type { ProofRecorder } from './record-proof.ts'
import { checkRoleArn } from './role-arn.ts'

/** @param candidate the connection as it would be with the role */
export type Prove = (candidate: UsableConnection, asking: Asking) => Promise<Proof>

type Stores = {
  readonly connections: Pick<Connections, 'find' | 'refuseForeign'> & Pick<ConnectionChanges, 'attach' | 'retire'>
  readonly proofs: Pick<ProofRecorder, 'keep'>
}

export const attach = ({ connections, proofs }: Stores, prove: Prove) =>
  operation({ project: ProjectId, roleArn: v.string() }, async ({ project, roleArn: given }, asking) => {
    const connection = await connections.find(project)
    if (!connection) throw new NotConnectedError(project, 'none')
    const { partition, account: ourAccount } = asking.place
    const roleArn = checkRoleArn(given, { account: connection.account, ourAccount, partition })
    await connections.refuseForeign(project, roleArn)
    const proof = await prove({ ...connection, roleArn }, asking)
    await proofs.keep(project, proof)
    if (passed(proof)) {
      await connections.attach(connection, roleArn, proof.at, asking)
      if (proof.usedNextId) await connections.retire(connection, asking)
    }
    return { attached: passed(proof), proof }
  })
