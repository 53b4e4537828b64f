/**
 * Operation `prove`: the proof of a connection, step by step, with what to paste where it failed. `sesame doctor` shows it.
 *
 * The answer holds the external id only where the operator is to paste it.
 */
import { type Connection, NotConnectedError } from './connection.ts'
import type { Connections } from './connections.ts'
import { operation } from './operation.ts'
import { ProjectId } from './project.ts'
import { type Findings, questions } from './proof/proof-of.ts'
import type { Prover } from './proof/prover.ts'
import type { Settle, Settled } from './proof/settle.ts'

export const prove = (connections: Pick<Connections, 'find'>, prover: Prover, settle: Settle) =>
  operation({ project: ProjectId }, async ({ project }, asking) => {
    const connection = await connections.find(project)
    if (!connection) throw new NotConnectedError(project, 'none')
    const findings = await prover(connection, asking.place)
    return checkup(connection, findings, await settle(connection, findings, asking))
  })

/** What a proof says, for people and machines. */
export const checkup = (
  { project, account, region, roleArn }: Connection,
  { at, steps }: Findings,
  { conclusion, why, state }: Settled,
) => ({ project, account, region, roleArn, at, state, conclusion, why, questions: questions(steps), steps })
