/**
 * The embedded AWS: one account's deployment from the very files that are deployed, and as many other accounts as are asked for.
 *
 * In tests it is called in process by unmodified SDK clients (`clientConfig`), for everybody else over one port (`listen`). Every call,
 * the services' own among them, passes the gate. `docs/design/local.md#why-enforce-the-deployed-files` says why.
 */
import { fileURLToPath } from 'node:url'
import { actionTable } from '../src/policy/actions.ts'
import { readTemplate } from '../src/template/template.ts'
import { type Clock, runningClock } from './clock.ts'
import { type CloudTrail, createCloudTrail } from './cloudtrail/cloudtrail.ts'
import { createCredentials, serviceCaller } from './credentials.ts'
import { deploy } from './deploy/deploy.ts'
import { createDynamoDb, type DynamoDb } from './dynamodb/dynamodb.ts'
import { createEventBridge, type EventBridge } from './eventbridge/eventbridge.ts'
import { createGate } from './gate.ts'
import { createLambda, type Lambda } from './lambda/lambda.ts'
import { createRoles, type Roles } from './roles.ts'
import { createS3, type S3 } from './s3/s3.ts'
import { AwsError, type Call, type FunctionDefinition, type LocalAws, type Platform, type Service } from './service.ts'
import { createSes, type Ses } from './ses/ses.ts'
import { createSns, type Sns } from './sns/sns.ts'
import { createSqs, type Sqs } from './sqs/sqs.ts'
import { createSts, credentialsIn } from './sts/sts.ts'
import { type Backend, createEntry, type Entry } from './wire/handler.ts'
import { listen } from './wire/port.ts'
import { createRequestHandler } from './wire/request-handler.ts'
import { createWork } from './work.ts'

export type StartOptions = {
  /** The folder with serverless.yml, iam/ and infra/. By default this repository. */
  root?: string
  /** In place of the folder's serverless.yml: its content as an object. */
  template?: unknown
  account?: string
  region?: string
  stage?: string
  /** Accounts whose SES may publish to the topics: what SESAME_CONNECTED_ACCOUNTS is to a deployment. */
  accounts?: readonly string[]
  /** Other environment variables that the files ask for. */
  env?: Readonly<Record<string, string>>
  clock?: Clock
  /** Functions that no stream, queue or schedule calls: for whoever counts what others do. */
  undriven?: readonly string[]
}

export type Aws = LocalAws & {
  stage: string
  /** The deployed functions by their keys in serverless.yml. */
  functions: ReadonlyMap<string, FunctionDefinition>
  /** Roles can be made in any account at any time. */
  roles: Roles
  dynamodb: DynamoDb
  sns: Sns
  sqs: Sqs
  ses: Ses
  s3: S3
  eventbridge: EventBridge
  lambda: Lambda
  cloudtrail: CloudTrail
  /** The door itself, for requests that no SDK would send. */
  entry: Entry
  /** Puts the clock forward and lets go on what waited for it: delayed messages. Schedules are fired by whoever wants them (eventbridge). */
  pass(milliseconds: number): Promise<void>
  /** What should not have happened: a service that threw anything but an AwsError. `settled` rejects when there is one. */
  defects: readonly unknown[]
}

export async function startAws(options: StartOptions = {}): Promise<Aws> {
  const { account = '123456789012', region = 'us-east-1', stage = 'dev', clock = runningClock() } = options
  const root = options.root ?? fileURLToPath(new URL('..', import.meta.url))
  const roles = createRoles()
  const credentials = createCredentials(roles, clock)
  const gate = createGate()
  const work = createWork()
  const defects: unknown[] = []
  let endpoint = 'http://sesame.localhost:4566'

  const serve: Backend['serve'] = async (name, operation, input, region, caller) => {
    const service = services[name]
    const run = service?.operations[operation]
    if (!service || !run || !has(name, operation)) {
      throw new AwsError('UnknownOperationException', `The embedded AWS does not serve ${name} ${operation}.`)
    }
    const call: Call = {
      service: name,
      operation,
      input,
      account: caller.account || account,
      region,
      caller,
      at: clock.now(),
    }
    service.checks?.[operation]?.(call)
    const pass = async (): Promise<object> => {
      gate.authorise(call, service)
      return run(call)
    }
    return operation === 'AssumeRole' ? cloudtrail.watch(call, pass) : pass()
  }
  const has: Backend['has'] = (name, operation) =>
    Object.hasOwn(services[name]?.operations ?? {}, operation) && actionTable.has(`${name}:${operation}`)

  const entry = createEntry({
    clock,
    signingTime: () => new Date(),
    keyOf: credentials.keyOf,
    has,
    serve,
    defect: (cause) => defects.push(cause),
  })
  const requestHandler = createRequestHandler(entry)

  const platform: Platform = {
    account,
    region,
    clock,
    work,
    callAsService: async (principal, behalf, service, operation, input) =>
      serve(service, operation, { ...input }, region, serviceCaller(principal, behalf)),
    callAsRole: async (roleArn, service, operation, input) => {
      const role = roles.byArn(roleArn)
      if (!role) throw new AwsError('AccessDeniedException', 'The role does not exist.', 403)
      return serve(service, operation, { ...input }, region, credentials.callerAs(role, 'service'))
    },
    assumeAsService: async (principal, roleArn, sessionName) => {
      const input = { RoleArn: roleArn, RoleSessionName: sessionName }
      return credentialsIn(
        await serve('sts', 'AssumeRole', input, region, serviceCaller(principal, { sourceAccount: account })),
      )
    },
    clientConfig: (given) => ({ region, endpoint, credentials: given, maxAttempts: 3, requestHandler }),
  }

  const dynamodb = createDynamoDb(platform)
  const sns = createSns(platform)
  const sqs = createSqs(platform)
  const ses = createSes(platform)
  const s3 = createS3(platform)
  const eventbridge = createEventBridge(platform)
  const lambda = createLambda(platform)
  const cloudtrail = createCloudTrail((record, at) => {
    if (record.recipientAccountId === account) eventbridge.tell('aws.sts', 'AWS API Call via CloudTrail', record, at)
  })
  const services: Readonly<Record<string, Service>> = {
    dynamodb,
    sns,
    sqs,
    ses,
    s3,
    events: eventbridge,
    lambda,
    logs: lambda.logs,
    sts: createSts(roles, credentials),
  }

  const template = readTemplate({
    root,
    stage,
    account,
    region,
    endpoint,
    env: { ...(options.accounts?.length && { SESAME_CONNECTED_ACCOUNTS: options.accounts.join(',') }), ...options.env },
    ...(options.template !== undefined && { source: options.template }),
  })
  const administrator = credentials.keyOf(credentials.root(account).accessKeyId)?.caller
  if (!administrator) throw new Error('an account has an administrator')
  const functions = await deploy(template, {
    roles,
    lambda,
    dynamodb,
    sqs,
    eventbridge,
    undriven: options.undriven ?? [],
    account,
    call: async (name, operation, input) => {
      const run = services[name]?.operations[operation]
      if (!run) throw new Error(`${name} has no ${operation}`)
      return {
        ...(await run({
          service: name,
          operation,
          input: { ...input },
          account,
          region,
          caller: administrator,
          at: clock.now(),
        })),
      }
    },
  })

  const settled = async () => {
    await work.settled()
    if (defects.length > 0) throw new AggregateError(defects, 'A service of the embedded AWS failed')
  }

  return {
    ...platform,
    stage,
    functions,
    roles,
    dynamodb,
    sns,
    sqs,
    ses,
    s3,
    eventbridge,
    lambda,
    cloudtrail,
    entry,
    defects,
    record: gate.record,
    credentials: { root: credentials.root },
    listen: async (port) => {
      const server = await listen(entry, port)
      endpoint = server.url
      // Whoever serves lives in real time.
      setInterval(lambda.poll, 5_000).unref()
      return server
    },
    settled,
    pass: async (milliseconds) => {
      clock.advance(milliseconds)
      lambda.poll()
      await settled()
    },
  }
}
