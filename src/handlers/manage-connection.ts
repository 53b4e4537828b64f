/**
 * The operator's requests → settings and connections of projects.
 *
 * Runs as iam/configuration-management.yml. It is invoked by whoever may invoke it (iam/operator.yml), and waits for the answer: a
 * refused request is an answer, not a failure.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { testMail } from '../access/proof/steps/delivery.ts'
import { createOnboarding } from '../access/role/onboarding.ts'
import type { TemplateStore } from '../access/role/template-link.ts'
import { readDeployment } from '../arn.ts'
import { createLambdaHandler, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { addProject } from '../operations/add-project.ts'
import { attach } from '../operations/attach.ts'
import { configure, drift, mend } from '../operations/configuration.ts'
import { connect } from '../operations/connect.ts'
import { disconnect } from '../operations/disconnect.ts'
import { type Answer, dispatch } from '../operations/operation.ts'
import { prove } from '../operations/proofs.ts'
import { removeProject } from '../operations/remove-project.ts'
import { rotate } from '../operations/rotate.ts'
import { setProject } from '../operations/set-project.ts'
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
    'test-mail': testMail(connections, proving.sessions, surroundings.client),
    rotate: rotate(connections, onboard),
    configure: configure({ projects, connections }, configuration),
    drift: drift({ projects, connections }, configuration),
    mend: mend({ projects, connections }, configuration),
    disconnect: disconnect(connections, configuration.takeBack),
  }

  return async (request, context) =>
    dispatch(
      operations,
      request,
      { at: surroundings.now(), request: context.awsRequestId, place: readDeployment(context) },
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
