/** The world of one run: the embedded AWS on a virtual machine, with the deployed functions, two connected customers and their applications. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import * as v from 'valibot'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { createConnectionChanges } from '../../src/projects/change-connection.ts'
import { createProjectChanges } from '../../src/projects/change-project.ts'
import type { Connection } from '../../src/projects/connection.ts'
import { checkRoleArn } from '../../src/projects/role-arn.ts'
import { type Aws, startAws } from '../aws.ts'
import type { Clock } from '../clock.ts'
import { createApplicationRole, platforms } from '../demo/application-role.ts'
import type { Interfere } from '../interference.ts'
import type { HandlerFactory } from '../lambda/function.ts'
import type { AwsCredentials } from '../service.ts'
import type { Faults } from './faults.ts'
import type { Machine } from './machine.ts'
import { configurationSetOf, domainOf, mailboxes, type Party, parties } from './plan.ts'
import type { Profile } from './profile.ts'
import { createRandom } from './random.ts'
import { withClockError } from './take-over.ts'
import { createVirtualWork } from './virtual-work.ts'

const projectsTable = 'sesame-dev-projects'
export const suppressionsTable = 'sesame-dev-suppressions'

export type World = {
  readonly aws: Aws
  readonly connections: ReadonlyMap<string, Connection>
  /** A new session of the application of a party. */
  application(party: Party): Promise<AwsCredentials>
}

export type WorldOptions = {
  readonly seed: string
  readonly machine: Machine
  readonly profile: Profile
  readonly faults: Faults
  /** The factory of each function, by its key in serverless.yml. */
  readonly handlers: ReadonlyMap<string, HandlerFactory>
}

/** Deploys and connects everything, without faults. */
export async function createWorld(options: WorldOptions): Promise<World> {
  const { machine, profile, faults } = options
  let isReady = false
  const interfere: Interfere = (call, run) => (isReady ? faults.interfere(call, run) : run(call))
  const aws = await startAws({
    clock: virtualClock(machine),
    hasFixedKeys: true,
    factories: factoriesOf(options),
    cloudTrailDelayMs: profile.cloudTrailDelayMs,
    simulation: { work: createVirtualWork(machine, options.seed), interfere },
  })
  for (const [address, behaviour] of mailboxes) aws.ses.mailboxes.set(address, behaviour)
  const connections = new Map<string, Connection>()
  const applications = new Map<Party, () => Promise<AwsCredentials>>()
  for (const [index, party] of parties.entries()) {
    connections.set(party.project, await connect(aws, party, profile))
    const { project: id } = party
    const platform = platforms[index] ?? platforms[0]
    const { arn } = createApplicationRole(aws, { id, domain: domainOf(party) }, platform)
    applications.set(party, () => aws.assumeAsService(platform.service, arn, `${id}-orders`))
  }
  for (const { options: fn, definition } of aws.lambda.functions.values())
    Object.assign(fn, { concurrency: profile.concurrency, crashAfter: () => faults.killAfter(definition.name) })
  isReady = true
  return {
    aws,
    connections,
    application: (party) => {
      const open = applications.get(party)
      if (!open) throw new Error(`${party.project} has no application`)
      return open()
    },
  }
}

const virtualClock = (machine: Machine): Clock => ({
  now: () => new Date(machine.now()),
  advance: () => {
    throw new Error('The clock of a simulation moves with its machine')
  },
  sleep: (milliseconds) => new Promise((resolve) => void machine.after(milliseconds, resolve)),
})

/** The project, the role in the account of the customer, a proof that passed, and the configuration of SES by Sesame. */
async function connect(aws: Aws, party: Party, profile: Profile): Promise<Connection> {
  const { project, account } = party
  const root = aws.clientConfig(aws.credentials.root(aws.account))
  const dynamodb = new DynamoDBClient(root)
  const context = { by: 'simulation', at: aws.clock.now() }
  const changes = createConnectionChanges(dynamodb, projectsTable)
  await createProjectChanges(dynamodb, projectsTable).add(
    {
      id: project,
      account,
      configurationSets: [configurationSetOf(party)],
      ...(profile.counts && { activity: 'delivery' }),
    },
    context,
  )
  const connection = await changes.connect({ project, account, region: aws.region }, context)
  aws.roles.create(account, customerRoleOf(connection, aws.account))
  const arn = `arn:aws:iam::${account}:role/sesame/sesame-${project}`
  const roleArn = checkRoleArn(arn, { account, ourAccount: aws.account, partition: 'aws' })
  await changes.attach(connection, roleArn, aws.clock.now(), context)
  const customer = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
  await customer.send(new CreateEmailIdentityCommand({ EmailIdentity: domainOf(party) }))
  await invoke(aws, 'manage-connection', { do: 'configure', by: 'simulation', project })
  const set = aws.ses.account(account).configurationSets.get(configurationSetOf(party))
  if (!set) throw new Error(`${project} was not configured`)
  if (!profile.sesLists) set.suppressedReasons = []
  return { ...connection, roleArn }
}

const Answer = v.object({ done: v.unknown() })

/** Asks a function as an operator does. @throws if it fails or refuses */
export async function invoke(aws: Aws, key: string, request: object): Promise<unknown> {
  const lambda = new LambdaClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: `sesame-${aws.stage}-${key}`, Payload: Buffer.from(JSON.stringify(request)) }),
  )
  const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString())
  if (FunctionError !== undefined || !v.is(Answer, answer)) throw new Error(`${key} failed: ${JSON.stringify(answer)}`)
  return v.parse(Answer, answer).done
}

/** Every sandbox has a clock of its own, which is wrong by as much as the run allows. */
function factoriesOf({ seed, profile, handlers }: WorldOptions): Record<string, HandlerFactory> {
  const withClock = ([key, factory]: [string, HandlerFactory]): [string, HandlerFactory] => {
    const clocks = createRandom(`${seed}/clocks/${key}`)
    return [
      key,
      (runtime) => {
        const aheadMs = Math.floor((2 * clocks.fraction() - 1) * profile.clockErrorMs)
        const handler = withClockError(aheadMs, () => factory({ ...runtime, now: () => new Date() }))
        return (event, context) => withClockError(aheadMs, () => handler(event, context))
      },
    ]
  }
  return Object.fromEntries([...handlers].map(withClock))
}
