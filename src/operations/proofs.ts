/**
 * Operation `prove`: the proof of a connection, step by step, with what to paste where it failed. `sesame doctor` shows it.
 *
 * The answer holds the external id only where the operator is to paste it.
 */

import { type ProofFindings, questionsOf } from '../access/proof/conclusion.ts'
import type { Prover } from '../access/proof/prover.ts'
import type { Settle, Settled } from '../access/proof/settle.ts'
import { type Connection, NotConnectedError } from '../projects/connection.ts'
import type { Connections } from '../projects/connections.ts'
import { ProjectId } from '../projects/project.ts'
import { createOperation } from './operation.ts'

export const prove = (connections: Pick<Connections, 'find'>, prover: Prover, settle: Settle) =>
  createOperation({ project: ProjectId }, async ({ project }, asking) => {
    const connection = await connections.find(project)
    if (!connection) throw new NotConnectedError(project, 'none')
    const findings = await prover(connection, asking.place)
    return checkup(connection, findings, await settle(connection, findings, asking))
  })

/** What a proof says, for people and machines. */
export const checkup = (
  { project, account, region, roleArn }: Connection,
  { at, steps }: ProofFindings,
  { conclusion, why, state }: Settled,
) => ({ project, account, region, roleArn, at, state, conclusion, why, questions: questionsOf(steps), steps })
