/**
 * The interface of a service of the embedded AWS: a table of operations that receive authenticated and authorised calls.
 *
 * A service knows nothing of HTTP, signatures or IAM. The wire layer (wire/) turns a request into a `ServiceCall`, whose `input` has the
 * shape of the SDK command's input (blobs are Uint8Array, timestamps are Date). The gate (gate.ts) authorises it. The answer has the shape
 * of the command's output. A refusal is an `AwsError`, which the wire layer writes in the protocol of the service. An operation that is not
 * in the table is refused.
 */
import type { Requirement, ResourceContext } from '../src/policy/actions.ts'
import type { NamedPolicy } from '../src/policy/document.ts'
import type { Decision, Principal } from '../src/policy/evaluate.ts'
import type { Clock } from './clock.ts'
import type { Ids } from './ids.ts'
import type { SdkHash } from './wire/sdk-hash.ts'
import type { Work } from './work.ts'

export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date }

/** The caller and every policy that applies to it. */
export type AuthenticatedCaller = {
  principal: Principal
  /** Empty for a service principal. */
  account: string
  /** Empty for a service principal. */
  accessKeyId: string
  identity: readonly NamedPolicy[]
  session?: readonly NamedPolicy[]
  boundary?: readonly NamedPolicy[]
  /** Whether the caller is a role session. A role that it assumes is role chaining. */
  isSession: boolean
  /** Present only in a session. */
  role?: { arn: string; name: string; id: string; sessionName: string; sourceIdentity?: string; expiresAt: Date }
  /** Condition keys about the caller: aws:SourceAccount and aws:SourceArn of a service, aws:SourceIp and others. */
  context: Readonly<Record<string, string | readonly string[]>>
}

export type ServiceCall = {
  /** The signing name: dynamodb (streams too), sqs, sns, sts, ses, lambda. */
  service: string
  /** The SDK command's name without `Command`. */
  operation: string
  input: Readonly<Record<string, unknown>>
  /** The account in which a bare resource name is looked up: the caller's, or the resource owner's for a service principal. */
  account: string
  region: string
  caller: AuthenticatedCaller
  at: Date
}

export type ServiceOperation = (call: ServiceCall) => Promise<object> | object

export type Service = {
  operations: Readonly<Record<string, ServiceOperation>>
  /** Input checks that run before authorisation. They throw an AwsError. */
  checks?: Readonly<Record<string, (call: ServiceCall) => void>>
  /** Facts about its resources that the action table needs from the service. */
  resourceContext?: (call: ServiceCall) => Omit<ResourceContext, 'partition' | 'region' | 'account'>
  /** The policy of the resource that a requirement names (topic, queue, function or trust policy), if it has one. */
  resourcePolicy?: (requirement: Requirement, call: ServiceCall) => NamedPolicy | undefined
  /** Called once when the stack is deployed, so that the service knows what it has to keep beyond the deployment. */
  keeps?: () => KeptState
}

/** What a service keeps between two runs of `npm start -- --data DIR`. */
export type KeptState = {
  dump(): unknown
  /** Idempotent. @throws ValiError for a state in another form */
  restore(kept: unknown): Promise<void> | void
}

/**
 * An error response of AWS. `code` is the error's name in the SDK; `fields` are the members beside the message (for example `Item` of a
 * ConditionalCheckFailedException).
 */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly fields: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
    this.fields = fields
  }
}

/** One decision of the gate: an allowed or denied call, with every reason. */
export type AuthorisedCall = {
  at: Date
  /** A name of the caller that may be logged: role name, `root` or the service principal. */
  role: string
  account: string
  service: string
  operation: string
  action: string
  resource: string
  verdict: 'allowed' | 'denied'
  decision: Decision
}

/** The account and the resource that a service acts for. */
export type OnBehalfOf = { sourceAccount?: string; sourceArn?: string }

/** A Lambda function as the deployment describes it, with every reference resolved. */
export type FunctionDefinition = {
  /** The name of its block in serverless.yml: `record-bounce`. */
  key: string
  /** The Lambda name: `sesame-dev-record-bounce`. */
  name: string
  arn: string
  /** `src/handlers/record-bounce.handler` */
  handler: string
  roleArn: string
  environment: Readonly<Record<string, string>>
  timeoutSeconds: number
  /** Retries of an asynchronous invocation after the first attempt. AWS's default is 2. */
  maximumRetryAttempts: number
  /** The destination of an asynchronous invocation whose retries are exhausted. */
  onFailureArn?: string
  logGroup: string
}

/** What every service is created with. */
export type Platform = {
  /** Sesame's own account. */
  account: string
  region: string
  clock: Clock
  work: Work
  /** Ids that no earlier run with the same state has made. */
  createIds(seed: string): Ids
  /**
   * A call by an AWS service as itself, for example ses.amazonaws.com publishing to a topic. Only the resource policy decides.
   *
   * @throws AwsError as the caller would receive it
   */
  callAsService(
    principal: string,
    behalf: OnBehalfOf,
    service: string,
    operation: string,
    input: object,
  ): Promise<object>
  /** A call by an AWS service with a role, for example Lambda sending to the dead-letter queue of a function. */
  callAsRole(roleArn: string, service: string, operation: string, input: object): Promise<object>
  /** A call by an AWS service on behalf of its caller and with the caller's permissions, for example CloudFormation creating a role. */
  callAsCaller(caller: ServiceCall, service: string, operation: string, input: object): Promise<object>
  /** A role session for a service principal, for example lambda.amazonaws.com for a handler. */
  assumeAsService(principal: string, roleArn: string, sessionName: string): Promise<AwsCredentials>
  /** The configuration of an unmodified SDK client that calls this AWS in process. */
  clientConfig(credentials: AwsCredentials): ClientConfig
}

export type ClientConfig = {
  region: string
  endpoint: string
  credentials: AwsCredentials
  maxAttempts: number
  requestHandler: RequestHandler
  /** The middleware of a command is composed once per client. */
  cacheMiddleware?: true
  sha256?: typeof SdkHash
}

/** The part of the SDK's request handler interface that an in-process handler needs. */
export type RequestHandler = {
  handle(request: SdkRequest): Promise<{ response: SdkResponse }>
  updateHttpClientConfig(): void
  httpHandlerConfigs(): object
}

export type SdkRequest = {
  method: string
  path: string
  query?: Record<string, string | string[] | null>
  headers: Record<string, string>
  body?: unknown
}

export type SdkResponse = { statusCode: number; headers: Record<string, string>; body: unknown }

/** The embedded AWS without its services. aws.ts adds the services by name. */
export type LocalAws = Platform & {
  credentials: {
    /** An administrator of an account, with full access in that account. Resource policies of other accounts still apply. */
    root(account: string): AwsCredentials
  }
  listen(port: number): Promise<{ url: string; close(): Promise<void> }>
  /** Every decision of the gate, oldest first. Append-only. */
  record: readonly AuthorisedCall[]
  /** Resolves when no delivery, retry or handler is running. Retry delays are virtual: nothing sleeps. */
  settled(): Promise<void>
}
