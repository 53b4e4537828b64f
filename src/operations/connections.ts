/** Operations `connect`, `attach`, `rotate` and `disconnect`: the connection of a project to its SES account. */
import * as v from 'valibot'
import { conclusionOf, proofOf } from '../access/proof/conclusion.ts'
import type { Prover } from '../access/proof/prover.ts'
import { partitionOf } from '../access/session/session-policy.ts'
import type { Deployment } from '../arn.ts'
import type { ConnectionChanges } from '../projects/change-connection.ts'
import type { ProjectChanges } from '../projects/change-project.ts'
import {
  type Connection,
  ConnectionSettings,
  ConnectionSettingsError,
  configurationSetOf,
  NotConnectedError,
  Region,
} from '../projects/connection.ts'
import type { Connections } from '../projects/connections.ts'
import { AccountId, ProjectId } from '../projects/project.ts'
import type { Projects } from '../projects/projects.ts'
import { passed } from '../projects/proofs.ts'
import type { ProofRecorder } from '../projects/record-proof.ts'
import { checkRoleArn } from '../projects/role-arn.ts'
import type { AnswerOf, AttachAnswer, ConnectAnswer, DisconnectAnswer, OnboardingAnswer } from './answers.ts'
import { createOperation, type RequestContext } from './operation.ts'
import { checkupOf } from './proofs.ts'

/** Makes what the customer creates the role with. */
export type Onboard = (
  connection: Connection,
  deployment: Deployment,
) => Promise<AnswerOf<typeof OnboardingAnswer> | undefined>

type ConnectStores = {
  readonly projects: Pick<Projects, 'find'> & Pick<ProjectChanges, 'add'>
  readonly connections: Pick<Connections, 'find'> & Pick<ConnectionChanges, 'connect'>
}

/**
 * Creates the connection of a project, or changes its settings, and answers the external id that the customer's role must require.
 * A project that does not exist is added. It owns the configuration set `sesame-<project>` and nothing else of the account.
 */
export const connect = ({ projects, connections }: ConnectStores, onboard?: Onboard) =>
  createOperation(
    {
      project: ProjectId,
      account: AccountId,
      region: v.optional(Region),
      topics: v.optional(ConnectionSettings.entries.topics.wrapped),
      features: v.optional(ConnectionSettings.entries.features.wrapped),
      /** Describe a new role beside the one that the connection has. The connection keeps its role until another one is attached. */
      newRole: v.optional(v.boolean(), false),
    },
    async ({ project, account, newRole, ...requested }, context): Promise<AnswerOf<typeof ConnectAnswer>> => {
      const { deployment } = context
      const before = await connections.find(project)
      const { region = before?.region ?? deployment.region } = requested
      const { topics = before?.topics, features = before?.features } = requested
      refuseUnreachable({ account, region, topics }, deployment)
      const isNew = !(await projects.find(project))
      if (isNew)
        await projects.add(
          { id: project, account, configurationSets: [configurationSetOf(project)] },
          context,
          'claimed',
        )
      const settings = { project, account, region, topics, features: features && [...features] }
      // One millisecond after the project was added, so that the history lists both changes in order.
      const at = isNew ? new Date(context.at.getTime() + 1) : context.at
      const connection = await connections.connect(settings, { ...context, at })
      const { roleArn: _, ...withoutRole } = connection
      return { connection, onboarding: await onboard?.(newRole ? withoutRole : connection, deployment) }
    },
  )

type Reach = { readonly account: string; readonly region: string; readonly topics: Connection['topics'] | undefined }

/** @throws ConnectionSettingsError if a role of this deployment cannot be assumed, or SES cannot publish, across the two places */
function refuseUnreachable({ account, region, topics }: Reach, deployment: Deployment): void {
  if (account === deployment.account)
    throw new ConnectionSettingsError('account', 'is the account of Sesame itself: connect another account')
  if (partitionOf(region) !== deployment.partition)
    throw new ConnectionSettingsError(
      'region',
      `is not in the partition ${deployment.partition}: roles cannot be assumed across partitions. Deploy Sesame there`,
    )
  if (region !== deployment.region && topics !== 'customer')
    throw new ConnectionSettingsError(
      'region',
      `is not ${deployment.region}: SES publishes only to topics of its own region. Deploy Sesame there, or choose the customer's own topics`,
    )
}

type AttachStores = {
  readonly connections: Pick<Connections, 'find' | 'refuseForeign'> & Pick<ConnectionChanges, 'attach' | 'retire'>
  readonly proofs: Pick<ProofRecorder, 'keep'>
}

/**
 * Proves the role that the customer created, and stores its ARN if the proof passes. The owner of the ARN is checked before STS is called,
 * so a project cannot use Sesame to probe another project's role.
 */
export const attach = ({ connections, proofs }: AttachStores, prover: Prover) =>
  createOperation(
    { project: ProjectId, roleArn: v.string() },
    async ({ project, roleArn: given }, context): Promise<AnswerOf<typeof AttachAnswer>> => {
      const connection = await connections.find(project)
      if (!connection) throw new NotConnectedError(project, 'none')
      const { partition, account: ourAccount } = context.deployment
      const roleArn = checkRoleArn(given, { account: connection.account, ourAccount, partition })
      await connections.refuseForeign(project, roleArn)
      const candidate = { ...connection, roleArn }
      const findings = await prover(candidate, context.deployment)
      const proof = proofOf(findings)
      await proofs.keep(project, proof)
      const attached = passed(proof)
      if (attached) {
        await connections.attach(connection, roleArn, proof.at, context)
        if (proof.usedNextId) await connections.retire(connection, context)
      }
      const state = attached ? 'proven' : connection.state
      return { attached, ...checkupOf(candidate, findings, { ...conclusionOf(findings.steps), state }) }
    },
  )

/** Makes a second external id. Both are valid until the customer's role requires the second and a proof passes with it. */
export const rotate = (connections: Pick<ConnectionChanges, 'rotate'>, onboard?: Onboard) =>
  createOperation({ project: ProjectId }, async ({ project }, context): Promise<AnswerOf<typeof ConnectAnswer>> => {
    const connection = await connections.rotate(project, context)
    return { connection, onboarding: await onboard?.(connection, context.deployment) }
  })

/** Undoes the configuration in the customer's account and in Sesame's. Idempotent. Answers what it could not undo, in words. */
export type UndoConfiguration = (connection: Connection, context: RequestContext) => Promise<readonly string[]>

type DisconnectStores = Pick<Connections, 'find'> & Pick<ConnectionChanges, 'disconnect'>

/** Undoes the configuration of a project, then deletes its role ARN, its external ids and its route. */
export const disconnect = (connections: DisconnectStores, undo?: UndoConfiguration) =>
  createOperation({ project: ProjectId }, async ({ project }, context): Promise<AnswerOf<typeof DisconnectAnswer>> => {
    const connection = await connections.find(project)
    const takenBack = connection && (await undo?.(connection, context))
    const deleted = await connections.disconnect(project, context)
    return { disconnected: deleted !== undefined, takenBack }
  })
