/** Runs a request in the account of its project, if the connection includes the feature that the request needs. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ThrottledError } from '../access/session/errors.ts'
import { type Connection, type Feature, requireUsable, type UsableConnection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import { findSendingState } from '../projects/sending-state.ts'
import { problemOfError } from './account-problem.ts'
import { Problem } from './problem.ts'
import type { Call } from './route.ts'
import { noSuchProject } from './suppressions/no-such-project.ts'

export type InAccount = { readonly connection: UsableConnection; readonly project: Project }

/** @returns for a feature: runs `work` with the connection of the project. @throws Problem */
export type AccountAccess = (
  feature: Feature,
) => <T>(call: Call, work: (account: InAccount) => Promise<T>) => Promise<T>

export type AccountAccessDependencies = {
  /** Project → a client that reaches its data. */
  readonly dataOf: (project: string) => Promise<DynamoDBClient>
  readonly projects: string
  readonly connectionOf: (dynamodb: DynamoDBClient, project: string) => Promise<Connection | undefined>
}

export const createAccountAccess =
  ({ dataOf, projects, connectionOf }: AccountAccessDependencies): AccountAccess =>
  (feature) =>
  async ({ project, at }, work) => {
    const dynamodb = await dataOf(project)
    const state = await findSendingState(dynamodb, projects, project, at)
    if (!state) throw noSuchProject()
    try {
      const connection = requireUsable(project, await connectionOf(dynamodb, project))
      if (!connection.features.includes(feature))
        throw new Problem('feature-missing', { detail: `The connection does not have the feature "${feature}".` })
      return await work({ connection, project: state.project })
    } catch (error) {
      if (error instanceof ThrottledError)
        throw new Problem('throttled', {
          detail: 'SES accepts one such call per second and account.',
          retryAfterSeconds: 1,
        })
      throw problemOfError(error) ?? error
    }
  }
