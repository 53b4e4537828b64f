/**
 * Requests of applications to send → one attempt in the customer's SES, for the recipients that the guard allows.
 *
 * Runs as iam/email-sending.yml. It reads the data of a project in a session for this project, and sends in a session of the customer's role
 * that is limited to the domain of the sender and the configuration set of the project.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import { createClientPerSession, createSessions, type SessionCredentials } from '../access/session/sessions.ts'
import { findAttempt } from '../activity/find-attempt.ts'
import { createIdempotency } from '../api/idempotency.ts'
import { createSendEndpoints } from '../api/messages/send-endpoints.ts'
import type { HttpAnswer } from '../api/problem.ts'
import { failureOf } from '../lambda/failure.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import type { Connection } from '../projects/connection.ts'
import { createConnections } from '../projects/connections.ts'
import { setHoldBySes } from '../projects/hold-by-ses.ts'
import { createAccountQuotas } from '../sending/account-quota.ts'
import { createBriefCache } from '../sending/brief-cache.ts'
import { createMarksOf, createSendingStates } from '../sending/check-recipients.ts'
import { createSendingRate } from '../sending/rate.ts'
import { createSender } from '../sending/send-message.ts'
import { createMarkKeys } from '../suppression/erasure-mark.ts'
import { createAnsweringApi, createDataOf, tablesOf } from './api.ts'
import { withSharedConnections } from './shared-connections.ts'

/** SES answers in 200 ms. A longer wait leaves fewer outcomes unknown. */
const requestTimeoutMs = 12_000

/** A connection that is quarantined is not used after this time. */
const connectionKeptMs = 10_000

export function sendEmail(given: Runtime): LambdaHandler<HttpAnswer> {
  const runtime = withSharedConnections(given)
  const { client, now } = runtime
  const sends = readSetting(runtime, 'SENDS_TABLE')
  const { suppressions, projects } = tablesOf(runtime)
  const connections = createBriefCache<Connection | undefined>(connectionKeptMs, now)
  const dataOf = createDataOf(runtime, 'send')
  const send = createSender({
    sessions: createSessions(new STSClient(client), now),
    quotas: createAccountQuotas(now),
    rate: createSendingRate(new DynamoDBClient(client), sends, now),
    sesOf: createSesOf(runtime),
  })
  const endpoints = createSendEndpoints({
    dataOf,
    suppressions,
    states: createSendingStates(projects, now),
    marksOf: createMarksOf(suppressions, createMarkKeys(readSetting(runtime, 'LOG_KEY')), now),
    connectionOf: (dynamodb, project) =>
      connections(project, () => createConnections(dynamodb, projects).find(project)),
    send,
    onFailure: (cause) => runtime.log(JSON.stringify(failureOf(cause))),
    findAttempt: async (project, attempt, window, at) =>
      findAttempt(await dataOf(project), readSetting(runtime, 'ACTIVITY_TABLE'), project, attempt, window, at),
    holdProject: async (project, reason) => setHoldBySes(await dataOf(project), projects, project, reason),
  })
  return createAnsweringApi(runtime, endpoints, createIdempotency(dataOf, sends))
}

/** The client of a session. It does not retry, because SES has no idempotency. */
function createSesOf({ client }: Runtime) {
  const inRegion = (region: string) =>
    createClientPerSession(
      (credentials) => new SESv2Client({ ...client, region, credentials, maxAttempts: 1, cacheMiddleware: true }),
    )
  const byRegion = new Map<string, ReturnType<typeof inRegion>>()
  return (region: string, credentials: SessionCredentials): SESv2Client => {
    const clientOf = byRegion.get(region) ?? inRegion(region)
    byRegion.set(region, clientOf)
    return clientOf(credentials)
  }
}

export const handler = createLambdaHandler(sendEmail, { requestTimeoutMs })
