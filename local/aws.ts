/**
 * The embedded AWS: one account with the deployment that the repository's own files describe, and any number of other accounts.
 *
 * Tests call it in process with unmodified SDK clients (`clientConfig`). Other programs call it over one port (`listen`). Every call passes
 * the gate, including calls between services. `docs/design/local.md#why-enforce-the-deployed-files` says why.
 */
import { fileURLToPath } from 'node:url'
import { readTemplate } from '../src/template/template.ts'
import { type Clock, createSystemClock } from './clock.ts'
import { createCloudFormation } from './cloudformation/cloudformation.ts'
import { type CloudTrail, createCloudTrail } from './cloudtrail/cloudtrail.ts'
import { createCloudWatch } from './cloudwatch/cloudwatch.ts'
import { type CredentialStore, createCredentialStore } from './credentials.ts'
import { deploy } from './deploy/deploy.ts'
import type { DeployContext } from './deploy/deploy-context.ts'
import { createDispatcher, type Services } from './dispatcher.ts'
import { createDynamoDb, type DynamoDb } from './dynamodb/dynamodb.ts'
import { createEventBridge, type EventBridge } from './eventbridge/eventbridge.ts'
import { createExecuteApi, type ExecuteApi } from './execute-api/execute-api.ts'
import { createGate } from './gate.ts'
import { createIam } from './iam/iam.ts'
import type { Interfere } from './interference.ts'
import type { HandlerFactory } from './lambda/function.ts'
import { createLambda, type Lambda } from './lambda/lambda.ts'
import { createPlatform } from './platform.ts'
import { createRoles, type Roles } from './roles.ts'
import { createS3, type S3 } from './s3/s3.ts'
import type { AuthenticatedCaller, FunctionDefinition, KeptState, LocalAws, Platform } from './service.ts'
import { createSes, type Ses } from './ses/ses.ts'
import { createSns, type Sns } from './sns/sns.ts'
import { createSqs, type Sqs } from './sqs/sqs.ts'
import { createKeptStates } from './state/kept-states.ts'
import { createSts } from './sts/sts.ts'
import { createWireHandler, type WireHandler } from './wire/handler.ts'
import { type OpenPort, openPort } from './wire/port.ts'
import { createRequestHandler } from './wire/request-handler.ts'
import { createWork, type Work } from './work.ts'

export type StartOptions = {
  /** The folder with serverless.yml, iam/ and infra/. Default: this repository. */
  root?: string
  /** The content of a serverless.yml as an object, instead of the folder's file. */
  template?: unknown
  account?: string
  region?: string
  stage?: string
  /** Other environment variables that the files refer to. */
  env?: Readonly<Record<string, string>>
  clock?: Clock
  /** The URL at which the AWS will be served. The deployed functions know it, so links and queue URLs name it. */
  endpoint?: string
  /** How many runs wrote the state that this one goes on with. Their ids are not made again. */
  runs?: number
  /** Access keys of administrators that are the same at each start, for a demo: whoever knows this code knows them. */
  hasFixedKeys?: boolean
  /** Time from a call of AssumeRole to the delivery of its record by CloudTrail. Default: none. On AWS it is some minutes. */
  cloudTrailDelayMs?: number
  /** Functions that no stream, queue or schedule invokes, so that a test can count the work of the others. */
  withoutTriggers?: readonly string[]
  /** Functions whose handlers are made otherwise than in their handler files, by their keys in serverless.yml. */
  factories?: Readonly<Record<string, HandlerFactory>>
  /** A simulation in place of the background work, and between callers and services. Signatures are then checked by the clock. */
  simulation?: { readonly work: Work; readonly interfere: Interfere }
}

export type Aws = LocalAws & {
  stage: string
  /** The deployed functions by their keys in serverless.yml. */
  functions: ReadonlyMap<string, FunctionDefinition>
  /** The roles of every account. A role can be created in any account at any time. */
  roles: Roles
  dynamodb: DynamoDb
  sns: Sns
  sqs: Sqs
  ses: Ses
  s3: S3
  eventbridge: EventBridge
  lambda: Lambda
  executeApi: ExecuteApi
  cloudtrail: CloudTrail
  /** Serves at an open port, in real time. */
  serveAt(port: OpenPort): void
  /** Handles one request, for requests that no SDK would send. */
  handle: WireHandler
  /** Advances the clock and runs the work that was due in that time (delayed messages). It does not fire schedules: see `eventbridge.fire`. */
  advance(milliseconds: number): Promise<void>
  /** All that the deployment did not make, for `npm start -- --data DIR`. */
  state: KeptState
  /** Every error of a service that is not an AwsError. `settled` rejects when there is one. */
  defects: readonly unknown[]
}

/**
 * Deploys the template to a new embedded AWS.
 *
 * @throws Error when the template has a resource that the embedded AWS does not support
 */
export async function startAws(options: StartOptions = {}): Promise<Aws> {
  const { account = '123456789012', region = 'us-east-1', stage = 'dev', clock = createSystemClock() } = options
  const roles = createRoles(clock.now)
  const credentials = createCredentialStore(roles, clock, options.hasFixedKeys)
  const gate = createGate()
  const { work = createWork(), interfere } = options.simulation ?? {}
  const defects: unknown[] = []
  let endpoint = options.endpoint ?? 'http://sesame.localhost:4566'

  const dispatcher = createDispatcher({
    account,
    clock,
    gate,
    services: () => byName,
    cloudtrail: () => cloudtrail,
    interfere,
  })
  const handle = createWireHandler({
    ...dispatcher,
    answerApi: (request, at, caller) =>
      services.executeApi.answer(request, (operation, input) =>
        dispatcher.serve('execute-api', operation, input, at, caller),
      ),
    clock,
    signingTime: options.simulation ? clock.now : () => new Date(),
    keyOf: credentials.keyOf,
    defect: (cause) => defects.push(cause),
  })
  const platform = createPlatform({
    account,
    region,
    clock,
    work,
    roles,
    credentials,
    serve: dispatcher.serve,
    requestHandler: createRequestHandler(handle),
    endpoint: () => endpoint,
    runs: options.runs ?? 0,
  })
  const { byName, ...services } = createServices(platform, roles, credentials)
  const { dynamodb, sqs, s3, eventbridge, lambda, executeApi } = services
  const cloudtrail = createCloudTrail(
    platform.createIds('cloudtrail'),
    (record, at) => {
      if (record.recipientAccountId !== account) return
      eventbridge.publishAwsEvent('aws.sts', 'AWS API Call via CloudTrail', record, at)
    },
    options.cloudTrailDelayMs,
  )

  const template = readTemplate({
    root: options.root ?? fileURLToPath(new URL('..', import.meta.url)),
    stage,
    account,
    region,
    endpoint,
    env: options.env ?? {},
    ...(options.template !== undefined && { source: options.template }),
  })
  const functions = await deploy(template, {
    roles,
    lambda,
    dynamodb,
    sqs,
    s3,
    eventbridge,
    executeApi,
    withoutTriggers: options.withoutTriggers ?? [],
    factories: options.factories ?? {},
    account,
    call: callWithoutGate(byName, platform, administratorOf(account, credentials)),
  })

  const settled = async () => {
    await work.settled()
    if (defects.length > 0) throw new AggregateError(defects, 'A service of the embedded AWS failed')
  }

  const serveAt = (port: OpenPort): void => {
    endpoint = port.url
    port.serve(handle)
    // A server runs in real time, so a timer polls the sources instead of `advance`.
    setInterval(() => {
      lambda.poll()
      cloudtrail.deliver(clock.now())
    }, 5_000).unref()
  }

  return {
    ...platform,
    ...services,
    stage,
    functions,
    roles,
    cloudtrail,
    handle,
    defects,
    record: gate.record,
    credentials: { root: credentials.root },
    serveAt,
    listen: async (number) => {
      const port = await openPort(number)
      serveAt(port)
      return port
    },
    settled,
    state: createKeptStates(byName, roles, credentials),
    advance: async (milliseconds) => {
      clock.advance(milliseconds)
      cloudtrail.deliver(clock.now())
      lambda.poll()
      await settled()
    },
  }
}

/** Every service, and `byName` all of them by signing name. */
function createServices(platform: Platform, roles: Roles, credentials: CredentialStore) {
  const dynamodb = createDynamoDb(platform)
  const sns = createSns(platform)
  const sqs = createSqs(platform)
  const ses = createSes(platform)
  const s3 = createS3(platform)
  const eventbridge = createEventBridge(platform)
  const lambda = createLambda(platform)
  const sts = createSts(roles, credentials)
  const executeApi = createExecuteApi(platform)
  const byName: Services = {
    cloudformation: createCloudFormation(platform),
    iam: createIam(roles),
    dynamodb,
    sns,
    sqs,
    ses,
    s3,
    events: eventbridge,
    lambda,
    logs: lambda.logs,
    monitoring: createCloudWatch(ses),
    sts,
    'execute-api': executeApi,
  }
  return { dynamodb, sns, sqs, ses, s3, eventbridge, lambda, executeApi, byName }
}

function administratorOf(account: string, credentials: CredentialStore): AuthenticatedCaller {
  const administrator = credentials.keyOf(credentials.root(account).accessKeyId)?.caller
  if (!administrator) throw new Error(`Account ${account} has no administrator`)
  return administrator
}

/** Calls as the deployment makes them: with full access, so not through the gate. */
function callWithoutGate(
  services: Services,
  { account, region, clock }: Platform,
  caller: AuthenticatedCaller,
): DeployContext['call'] {
  return async (service, operation, input) => {
    const run = services[service]?.operations[operation]
    if (!run) throw new Error(`${service} has no operation ${operation}`)
    return { ...(await run({ service, operation, input: { ...input }, account, region, caller, at: clock.now() })) }
  }
}
