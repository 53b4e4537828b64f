/**
 * Requests of applications for credentials → a session in the customer's account that may send and nothing else.
 *
 * Runs as iam/session-broker.yml.
 */
import { STSClient } from '@aws-sdk/client-sts'
import { createSessions } from '../access/session/sessions.ts'
import type { HttpAnswer } from '../api/problem.ts'
import { createSessionEndpoint } from '../api/sessions/session-endpoint.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import type { LambdaHandler, Runtime } from '../lambda/runtime.ts'
import { createConnections } from '../projects/connections.ts'
import { createAnsweringApi, createDataOf, tablesOf } from './api.ts'

export function openSession(runtime: Runtime): LambdaHandler<HttpAnswer> {
  const { client, now } = runtime
  const { projects } = tablesOf(runtime)
  const sts = new STSClient(client)
  const endpoint = createSessionEndpoint({
    dataOf: createDataOf(runtime, 'open'),
    projects,
    connectionOf: (dynamodb, project) => createConnections(dynamodb, projects).find(project),
    // A cache of its own for each request: every answer is a new session with its whole duration.
    open: (connection, allow, seconds) =>
      createSessions(sts, now).use(connection, { name: 'application', seconds, allow }, async (session) => session),
  })
  return createAnsweringApi(runtime, [endpoint])
}

export const handler = createLambdaHandler(openSession)
