/**
 * SQS, SNS, SES, Lambda and DynamoDB with the gate only: without the wire layer, signatures or a deployment.
 *
 * The caller is the administrator of an account, a role or a service. Every call passes the gate.
 */
import { createManualClock } from '../../local/clock.ts'
import { createCredentialStore, serviceCaller } from '../../local/credentials.ts'
import { createDynamoDb } from '../../local/dynamodb/dynamodb.ts'
import { createGate } from '../../local/gate.ts'
import { createIds } from '../../local/ids.ts'
import type { HandlerFactory } from '../../local/lambda/function.ts'
import { createLambda } from '../../local/lambda/lambda.ts'
import { createRoles } from '../../local/roles.ts'
import {
  type AuthenticatedCaller,
  AwsError,
  type FunctionDefinition,
  type Platform,
  type Service,
  type ServiceCall,
} from '../../local/service.ts'
import { createSes } from '../../local/ses/ses.ts'
import { createSns } from '../../local/sns/sns.ts'
import { createSqs } from '../../local/sqs/sqs.ts'
import { createWork } from '../../local/work.ts'
import { requirementsOf } from '../../src/policy/actions.ts'

export const OWN = '123456789012'
export const CUSTOMER = '111122223333'
export const STRANGER = '444455556666'
export const REGION = 'us-east-1'
const ENDPOINT = 'http://localhost:4566'

export type TestCaller = { account: string } | { roleArn: string }

export function smallAws() {
  const clock = createManualClock(new Date('2026-03-04T05:06:07.000Z'))
  const work = createWork()
  const roles = createRoles()
  const credentials = createCredentialStore(roles, clock)
  const gate = createGate()

  const callerOf = (accessKeyId: string): AuthenticatedCaller => {
    const key = credentials.keyOf(accessKeyId)
    if (!key) throw new Error('Unknown access key')
    return key.caller
  }
  const sessionOf = (roleArn: string, sessionName: string) => {
    const role = roles.byArn(roleArn)
    if (!role) throw new AwsError('AccessDenied', 'The role defined for the function cannot be assumed by Lambda.', 403)
    return credentials.session({ role, sessionName, issuedAt: clock.now(), seconds: 3600 })
  }
  const dispatch = async (
    caller: AuthenticatedCaller,
    account: string,
    service: string,
    operation: string,
    given: object,
  ): Promise<Record<string, unknown>> => {
    const input = Object.fromEntries(Object.entries(given))
    const call: ServiceCall = { service, operation, input, account, region: REGION, caller, at: clock.now() }
    const provider = services[service]
    const run = provider?.operations[operation]
    if (!provider || !run) throw new AwsError('UnknownOperationException', `${service} has no operation ${operation}`)
    gate.authorise(call, provider)
    return { ...(await run(call)) }
  }

  const platform: Platform = {
    account: OWN,
    region: REGION,
    clock,
    work,
    createIds,
    callAsService(principal, behalf, service, operation, input) {
      const [requirement] = requirementsOf(service, operation, input, {
        partition: 'aws',
        region: REGION,
        account: OWN,
      })
      return dispatch(serviceCaller(principal, behalf), requirement?.resourceAccount ?? OWN, service, operation, input)
    },
    async callAsRole(roleArn, service, operation, input) {
      const { accessKeyId } = sessionOf(roleArn, 'platform')
      const caller = callerOf(accessKeyId)
      return dispatch(caller, caller.account, service, operation, input)
    },
    callAsCaller: ({ caller, account }, service, operation, input) =>
      dispatch(caller, account, service, operation, input),
    assumeAsService: async (_, roleArn, sessionName) => sessionOf(roleArn, sessionName),
    clientConfig: (given) => ({
      region: REGION,
      endpoint: ENDPOINT,
      credentials: given,
      maxAttempts: 1,
      requestHandler: {
        // The body names the operation and its input, instead of a real protocol.
        async handle(request) {
          const { service, operation, input } = JSON.parse(String(request.body))
          const caller = callerOf(given.accessKeyId)
          try {
            const body = await dispatch(caller, caller.account, service, operation, input)
            return { response: { statusCode: 200, headers: {}, body } }
          } catch (cause) {
            if (!(cause instanceof AwsError)) throw cause
            return { response: { statusCode: cause.status, headers: {}, body: cause.code } }
          }
        },
        updateHttpClientConfig() {},
        httpHandlerConfigs: () => ({}),
      },
    }),
  }
  const sqs = createSqs(platform)
  const sns = createSns(platform)
  const ses = createSes(platform)
  const lambda = createLambda(platform)
  const dynamodb = createDynamoDb(platform)
  const services: Readonly<Record<string, Service>> = {
    sqs,
    sns,
    ses,
    lambda,
    logs: lambda.logs,
    dynamodb,
  }

  const call = async (
    who: TestCaller,
    service: string,
    operation: string,
    input: object,
  ): Promise<Record<string, unknown>> => {
    const key = 'roleArn' in who ? sessionOf(who.roleArn, 'test') : credentials.root(who.account)
    const caller = callerOf(key.accessKeyId)
    return dispatch(caller, caller.account, service, operation, input)
  }

  return { platform, clock, work, roles, gate, sqs, sns, ses, lambda, dynamodb, call, settled: () => work.settled() }
}

export type SmallAws = ReturnType<typeof smallAws>

export const queueArn = (name: string, account = OWN) => `arn:aws:sqs:${REGION}:${account}:${name}`
export const queueUrl = (name: string, account = OWN) => `${ENDPOINT}/${account}/${name}`
export const topicArn = (name: string, account = OWN) => `arn:aws:sns:${REGION}:${account}:${name}`
export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${OWN}:function:${name}`

export const policy = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })

/** Creates a queue with a policy that allows SNS to send for the topics. Returns its ARN. */
export async function makeQueue(
  aws: SmallAws,
  name: string,
  fromTopics: string[] = [],
  attributes = {},
  account = OWN,
) {
  const allowTopics = policy({
    Sid: 'AllowTopicsToSend',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn(name, account),
    Condition: { ArnEquals: { 'aws:SourceArn': fromTopics } },
  })
  const Policy = fromTopics.length > 0 ? { Policy: JSON.stringify(allowTopics) } : {}
  await aws.call({ account }, 'sqs', 'CreateQueue', { QueueName: name, Attributes: { ...attributes, ...Policy } })
  return queueArn(name, account)
}

/** The bodies of all messages in a queue, parsed if they are JSON. */
export function bodies(aws: SmallAws, name: string, account = OWN): unknown[] {
  return (aws.sqs.queues.get(queueArn(name, account))?.messages ?? []).map(({ body }) => {
    try {
      return JSON.parse(body)
    } catch {
      return body
    }
  })
}

/** Creates a role that Lambda may assume, with one inline policy. Returns its ARN. */
export function makeRole(aws: SmallAws, name: string, ...statements: object[]): string {
  const { arn } = aws.roles.create(OWN, {
    RoleName: name,
    AssumeRolePolicyDocument: policy({
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }),
    Policies: statements.length > 0 ? [{ PolicyName: name, PolicyDocument: policy(...statements) }] : [],
  })
  return arn
}

export const mayLog = (name: string) => ({
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: `arn:aws:logs:${REGION}:${OWN}:log-group:/aws/lambda/${name}:*`,
})
export const maySend = (queue: string) => ({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queueArn(queue) })

/** Registers a function with its own role that SNS may invoke. */
export function makeFunction(
  aws: SmallAws,
  name: string,
  make: HandlerFactory,
  {
    roleArn,
    deadLetterArn,
    concurrency,
    ...overrides
  }: Partial<FunctionDefinition> & { deadLetterArn?: string; concurrency?: number } = {},
): FunctionDefinition {
  const definition: FunctionDefinition = {
    key: name,
    name,
    arn: functionArn(name),
    handler: `src/handlers/${name}.handler`,
    roleArn: roleArn ?? makeRole(aws, `${name}-role`, mayLog(name)),
    environment: {},
    timeoutSeconds: 5,
    maximumRetryAttempts: 2,
    logGroup: `/aws/lambda/${name}`,
    ...overrides,
  }
  aws.lambda.register(definition, {
    make,
    ...(deadLetterArn !== undefined && { deadLetterArn }),
    ...(concurrency !== undefined && { concurrency }),
  })
  aws.lambda.permit(name, { sid: 'AllowSnsToInvoke', principal: 'sns.amazonaws.com' })
  return definition
}
