/**
 * Operation `prove`: the proof of a connection, step by step, with the text to paste where a step failed. `sesame doctor` prints it.
 *
 * The answer holds the external id only in those texts.
 */
import { type ProofFindings, questionsOf } from '../access/proof/conclusion.ts'
import type { Prover } from '../access/proof/prover.ts'
import type { Settle, Settled } from '../access/proof/settle.ts'
import { type Connection, NotConnectedError } from '../projects/connection.ts'
import type { Connections } from '../projects/connections.ts'
import { ProjectId } from '../projects/project.ts'
import type { AnswerOf, CheckupAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

export const prove = (connections: Pick<Connections, 'find'>, prover: Prover, settle: Settle) =>
  createOperation({ project: ProjectId }, async ({ project }, context): Promise<AnswerOf<typeof CheckupAnswer>> => {
    const connection = await connections.find(project)
    if (!connection) throw new NotConnectedError(project, 'none')
    const findings = await prover(connection, context.deployment)
    return checkupOf(connection, findings, await settle(connection, findings, context))
  })

/** The answer for a proof of a connection. */
export const checkupOf = (
  { project, account, region, roleArn }: Connection,
  { at, steps }: ProofFindings,
  { conclusion, why, state }: Settled,
): AnswerOf<typeof CheckupAnswer> => ({
  project,
  account,
  region,
  roleArn,
  at,
  state,
  conclusion,
  why,
  questions: questionsOf(steps),
  steps,
})
