/**
 * Requests to manage templates and identities → SES in the customer's account.
 *
 * Runs as iam/configuration-management.yml. It reads the data of a project in a session for this project, and calls SES in a session of the
 * customer's role that is limited to one operation on the templates of the project or on one identity.
 */
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import { createSessions, type SessionCredentials } from '../access/session/sessions.ts'
import { createAccountAccess } from '../api/account-access.ts'
import { createCursors } from '../api/cursor.ts'
import { createIdempotency } from '../api/idempotency.ts'
import { createIdentityEndpoints } from '../api/identities/identity-endpoints.ts'
import type { HttpAnswer } from '../api/problem.ts'
import { createTemplateEndpoints } from '../api/templates/template-endpoints.ts'
import { createIdentities } from '../configuration/identities.ts'
import { createStoredTemplates } from '../configuration/stored-templates.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createConnections } from '../projects/connections.ts'
import { createAnsweringApi, createDataOf, tablesOf } from './api.ts'

export function manageTemplates(runtime: Runtime): LambdaHandler<HttpAnswer> {
  const { client, now } = runtime
  const { projects } = tablesOf(runtime)
  const dataOf = createDataOf(runtime, 'manage')
  const sessions = createSessions(new STSClient(client), now)
  const access = createAccountAccess({
    dataOf,
    projects,
    connectionOf: (dynamodb, project) => createConnections(dynamodb, projects).find(project),
  })
  const cursors = createCursors(readSetting(runtime, 'LOG_KEY'))
  const sesIn = (region: string, credentials: SessionCredentials) => new SESv2Client({ ...client, region, credentials })
  const endpoints = [
    ...createTemplateEndpoints({ access, cursors, templates: createStoredTemplates(sessions, sesIn) }),
    ...createIdentityEndpoints({ access, cursors, identities: createIdentities(sessions, sesIn) }),
  ]
  return createAnsweringApi(runtime, endpoints, createIdempotency(dataOf, readSetting(runtime, 'SENDS_TABLE')))
}

export const handler = createLambdaHandler(manageTemplates)
