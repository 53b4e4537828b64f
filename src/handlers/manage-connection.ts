/**
 * The operator's requests → settings and connections of projects.
 *
 * Runs as iam/configuration-management.yml. It is invoked by whoever may invoke it (iam/operator.yml), and waits for the answer: a
 * refused request is an answer, not a failure.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createOnboarding } from '../access/role/onboarding.ts'
import type { TemplateStore } from '../access/role/template-link.ts'
import { readDeployment } from '../arn.ts'
import { createLambdaHandler, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { configure } from '../operations/configuration.ts'
import { attach, connect, disconnect, rotate } from '../operations/connections.ts'
import { type Answer, dispatch } from '../operations/operation.ts'
import { addProject, removeProject, setProject } from '../operations/projects.ts'
import { prove } from '../operations/proofs.ts'
import { testMail } from '../operations/test-mail.ts'
import { createConnectionChanges } from '../projects/change-connection.ts'
import { createProjectChanges } from '../projects/change-project.ts'
import { createConnections } from '../projects/connections.ts'
import { createProjects } from '../projects/projects.ts'
import { createProofRecorder } from '../projects/record-proof.ts'
import { createConfiguring } from './configuring.ts'
import { createProving } from './proving.ts'

export function manageConnection(surroundings: Runtime): LambdaHandler<Answer> {
  const dynamodb = new DynamoDBClient(surroundings.client)
  const table = readSetting(surroundings, 'PROJECTS_TABLE')
  const projects = { ...createProjects(dynamodb, table), ...createProjectChanges(dynamodb, table) }
  const connections = { ...createConnections(dynamodb, table), ...createConnectionChanges(dynamodb, table) }
  const proofs = createProofRecorder(dynamodb, table)
  const configuration = createConfiguring(surroundings, dynamodb)
  const proving = createProving(surroundings, { connections, proofs }, configuration.inspect)
  const onboard = createOnboarding(templateStore(surroundings, dynamodb), surroundings.now)

  const operations = {
    'add-project': addProject(projects),
    'set-project': setProject(projects),
    'remove-project': removeProject(projects),
    connect: connect({ projects, connections }, onboard),
    attach: attach({ connections, proofs }, proving.prove),
    prove: prove(connections, proving.prove, proving.settle),
    'test-mail': testMail(connections, { sessions: proving.sessions, client: surroundings.client }),
    rotate: rotate(connections, onboard),
    configure: configure({ projects, connections }, configuration),
    disconnect: disconnect(connections, configuration.undo),
  }

  return async (request, context) =>
    dispatch(
      operations,
      request,
      { at: surroundings.now(), request: context.awsRequestId, deployment: readDeployment(context) },
      (line) => surroundings.log(JSON.stringify(line)),
    )
}

/** Where the template of customers' roles is kept, reached as the function reaches its table. */
function templateStore(surroundings: Runtime, client: DynamoDBClient): TemplateStore {
  const { endpoint } = surroundings.client
  return {
    bucket: readSetting(surroundings, 'ACCESS_BUCKET'),
    client,
    endpoint: typeof endpoint === 'string' ? endpoint : surroundings.env.AWS_ENDPOINT_URL,
  }
}

export const handler = createLambdaHandler(manageConnection)
