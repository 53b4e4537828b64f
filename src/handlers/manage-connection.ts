/**
 * The operator's requests → settings and connections of projects.
 *
 * Runs as iam/configuration-management.yml. It is invoked by whoever may invoke it (iam/operator.yml), and waits for the answer: a
 * refused request is an answer, not a failure.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { configure, drift, mend } from '../configuration/operations.ts'
import { addProject } from '../connection/add-project.ts'
import { attach } from '../connection/attach.ts'
import { connectionChanges } from '../connection/change-connection.ts'
import { projectChanges } from '../connection/change-project.ts'
import { connect } from '../connection/connect.ts'
import { connectionsIn } from '../connection/connections.ts'
import { disconnect } from '../connection/disconnect.ts'
import { onboardingWith } from '../connection/onboarding.ts'
import { type Answer, dispatch } from '../connection/operation.ts'
import { projectsIn } from '../connection/projects.ts'
import { prove } from '../connection/prove.ts'
import { proofRecorder } from '../connection/record-proof.ts'
import { removeProject } from '../connection/remove-project.ts'
import { rotate } from '../connection/rotate.ts'
import { setProject } from '../connection/set-project.ts'
import type { TemplateStore } from '../connection/template-link.ts'
import { testMail } from '../connection/test-mail.ts'
import { configuringIn } from './configuring.ts'
import { placeOf } from './place.ts'
import { provingIn } from './proving.ts'
import { type LambdaHandler, onLambda, type Surroundings, setting } from './surroundings.ts'

export function manageConnection(surroundings: Surroundings): LambdaHandler<Answer> {
  const dynamodb = new DynamoDBClient(surroundings.client)
  const table = setting(surroundings, 'PROJECTS_TABLE')
  const projects = { ...projectsIn(dynamodb, table), ...projectChanges(dynamodb, table) }
  const connections = { ...connectionsIn(dynamodb, table), ...connectionChanges(dynamodb, table) }
  const proofs = proofRecorder(dynamodb, table)
  const configuration = configuringIn(surroundings, dynamodb)
  const proving = provingIn(surroundings, { connections, proofs }, configuration.inspect)
  const onboard = onboardingWith(templateStore(surroundings, dynamodb), surroundings.now)

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
      { at: surroundings.now(), request: context.awsRequestId, place: placeOf(context) },
      (line) => surroundings.log(JSON.stringify(line)),
    )
}

/** Where the template of customers' roles is kept, reached as the function reaches its table. */
function templateStore(surroundings: Surroundings, client: DynamoDBClient): TemplateStore {
  const { endpoint } = surroundings.client
  return {
    bucket: setting(surroundings, 'ACCESS_BUCKET'),
    client,
    endpoint: typeof endpoint === 'string' ? endpoint : surroundings.env.AWS_ENDPOINT_URL,
  }
}

export const handler = onLambda(manageConnection)
