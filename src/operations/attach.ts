/**
 * Operation `attach`: the role that the customer made, stored once the proof has passed for it.
 *
 * Whose the ARN is, is asked before STS is: nobody can try out another project's role with our help.
 */
import * as v from 'valibot'
import { conclusionOf, proofOf } from '../access/proof/conclusion.ts'
import type { Prover } from '../access/proof/prover.ts'
import type { ConnectionChanges } from '../projects/change-connection.ts'
import { NotConnectedError } from '../projects/connection.ts'
import type { Connections } from '../projects/connections.ts'
import { ProjectId } from '../projects/project.ts'
import { passed } from '../projects/proofs.ts'
import type { ProofRecorder } from '../projects/record-proof.ts'
import { checkRoleArn } from '../projects/role-arn.ts'
import { createOperation } from './operation.ts'
import { checkup } from './proofs.ts'

type Stores = {
  readonly connections: Pick<Connections, 'find' | 'refuseForeign'> & Pick<ConnectionChanges, 'attach' | 'retire'>
  readonly proofs: Pick<ProofRecorder, 'keep'>
}

export const attach = ({ connections, proofs }: Stores, prover: Prover) =>
  createOperation({ project: ProjectId, roleArn: v.string() }, async ({ project, roleArn: given }, asking) => {
    const connection = await connections.find(project)
    if (!connection) throw new NotConnectedError(project, 'none')
    const { partition, account: ourAccount } = asking.place
    const roleArn = checkRoleArn(given, { account: connection.account, ourAccount, partition })
    await connections.refuseForeign(project, roleArn)
    const candidate = { ...connection, roleArn }
    const findings = await prover(candidate, asking.place)
    const proof = proofOf(findings)
    await proofs.keep(project, proof)
    const attached = passed(proof)
    if (attached) {
      await connections.attach(connection, roleArn, proof.at, asking)
      if (proof.usedNextId) await connections.retire(connection, asking)
    }
    const state = attached ? 'proven' : connection.state
    return { attached, ...checkup(candidate, findings, { ...conclusionOf(findings.steps), state }) }
  })
