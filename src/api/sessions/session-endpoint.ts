/** Answers the route that gives credentials. They are in the answer and nowhere else: neither stored nor logged. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { SessionCredentials } from '../../access/session/request.ts'
import type { SessionStatement } from '../../access/session/session-policy.ts'
import { type Connection, configurationSetOf, requireUsable, type UsableConnection } from '../../projects/connection.ts'
import { findSendingState } from '../../projects/sending-state.ts'
import { isSender, senderStatementsOf } from '../../sending/sender-policy.ts'
import { problemOfError } from '../account-problem.ts'
import { endpointOf } from '../parse-input.ts'
import { Problem } from '../problem.ts'
import type { Endpoint } from '../route.ts'
import { noSuchProject } from '../suppressions/no-such-project.ts'
import { sessionRoute } from './routes.ts'

export type SessionDependencies = {
  /** Project → a client that reaches its data. */
  readonly dataOf: (project: string) => Promise<DynamoDBClient>
  readonly projects: string
  readonly connectionOf: (dynamodb: DynamoDBClient, project: string) => Promise<Connection | undefined>
  /** Opens a new session. */
  readonly open: (
    connection: UsableConnection,
    allow: readonly SessionStatement[],
    seconds: number,
  ) => Promise<SessionCredentials>
}

export function createSessionEndpoint({ dataOf, projects, connectionOf, open }: SessionDependencies): Endpoint {
  return endpointOf(sessionRoute, async ({ from, minutes = 60 }, { project, at }) => {
    const dynamodb = await dataOf(project)
    const state = await findSendingState(dynamodb, projects, project, at)
    if (!state) throw noSuchProject()
    const { sending } = state.project
    if (!sending?.sessions) throw new Problem('sessions-off', { detail: 'The setting of the project is off.' })
    if (state.hold) throw new Problem('project-on-hold', { detail: `It is ${state.hold.state}: ${state.hold.why}.` })
    if (!isSender(from, sending.senders)) {
      const errors = [{ pointer: '/from', detail: 'is not a sender of the project' }]
      throw new Problem('sender-not-allowed', { detail: '/from is not a sender of the project.', errors })
    }
    try {
      const connection = requireUsable(project, await connectionOf(dynamodb, project))
      if (!connection.features.includes('sending'))
        throw new Problem('not-connected', { detail: 'The connection does not have the feature "sending".' })
      const credentials = await open(connection, senderStatementsOf(connection, from), minutes * 60)
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials
      const { account, region } = connection
      const configurationSet = configurationSetOf(project)
      return {
        accessKeyId,
        secretAccessKey,
        sessionToken,
        expiration: expiration.toISOString(),
        account,
        region,
        configurationSet,
      }
    } catch (error) {
      throw problemOfError(error) ?? error
    }
  })
}
