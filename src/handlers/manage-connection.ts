/**
 * Operators' requests → settings and connections of projects.
 *
 * Runs as iam/configuration-management.yml. iam/operator.yml says who may invoke it. A refusal is an answer, not a failure.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { STSClient } from '@aws-sdk/client-sts'
import { createOnboarding } from '../access/role/onboarding.ts'
import type { TemplateStore } from '../access/role/template-link.ts'
import { createEventBus } from '../events/bus.ts'
import { importedEventOf } from '../events/import-event.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { endpointOf, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { accountStanding } from '../operations/account-standing.ts'
import { configure } from '../operations/configuration.ts'
import { attach, connect, disconnect, rotate } from '../operations/connections.ts'
import { holdProject, resumeProject } from '../operations/holds.ts'
import { recordImport } from '../operations/imports.ts'
import type { Answer } from '../operations/operation.ts'
import { addProject, removeProject, setProject } from '../operations/projects.ts'
import { prove } from '../operations/proofs.ts'
import { testMail } from '../operations/test-mail.ts'
import { createConnectionChanges } from '../projects/change-connection.ts'
import { createHoldDecisions } from '../projects/change-hold.ts'
import { createProjectChanges } from '../projects/change-project.ts'
import { createConnections } from '../projects/connections.ts'
import { findHold } from '../projects/hold.ts'
import { createProjects } from '../projects/projects.ts'
import { createProofRecorder } from '../projects/record-proof.ts'
import { createAnswering } from './answering.ts'
import { createConfiguring } from './configuring.ts'
import { createProving } from './proving.ts'
import { withSharedConnections } from './shared-connections.ts'

export function manageConnection(given: Runtime): LambdaHandler<Answer> {
  const runtime = withSharedConnections(given)
  const dynamodb = new DynamoDBClient(runtime.client)
  const table = readSetting(runtime, 'PROJECTS_TABLE')
  const projects = { ...createProjects(dynamodb, table), ...createProjectChanges(dynamodb, table) }
  const connections = { ...createConnections(dynamodb, table), ...createConnectionChanges(dynamodb, table) }
  const proofs = createProofRecorder(dynamodb, table)
  const configuration = createConfiguring(runtime, dynamodb)
  const proving = createProving(runtime, { connections, proofs }, configuration.inspect)
  const templates: TemplateStore = {
    bucket: readSetting(runtime, 'ACCESS_BUCKET'),
    url: runtime.env.TEMPLATE_URL || undefined,
    client: new STSClient(runtime.client),
    endpoint: endpointOf(runtime),
  }
  const onboard = createOnboarding(templates, runtime.now, readSetting(runtime, 'STAGE'))

  const { publish } = createEventBus(new EventBridgeClient(runtime.client), readSetting(runtime, 'EVENT_BUS'))

  const decisions = createHoldDecisions(dynamodb, table)
  const holdOf = (project: string, at: Date) => findHold(dynamodb, table, project, at)

  return createAnswering(runtime, {
    'add-project': addProject(projects),
    'set-project': setProject(projects),
    'remove-project': removeProject(projects),
    'account-standing': accountStanding(connections, {
      sessions: proving.sessions,
      client: runtime.client,
      endpoint: endpointOf(runtime),
    }),
    'hold-project': holdProject(decisions, holdOf, publish),
    'resume-project': resumeProject(decisions, holdOf, publish),
    connect: connect({ projects, connections }, onboard),
    attach: attach({ connections, proofs }, proving.prove),
    prove: prove(connections, proving.prove, proving.settle),
    'test-mail': testMail(connections, { sessions: proving.sessions, client: runtime.client }),
    rotate: rotate(connections, onboard),
    configure: configure({ projects, connections }, configuration),
    disconnect: disconnect(connections, configuration.undo),
    'record-import': recordImport(projects, (facts) => publish([importedEventOf(facts)])),
  })
}

export const handler = createLambdaHandler(manageConnection)
