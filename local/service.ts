/**
 * What a service of the embedded AWS is: a table of operations, given calls that are already authenticated and authorised.
 *
 * A service knows nothing of HTTP, signatures or IAM. The wire (wire/) turns a request into a `Call` whose `input` has the shape of the
 * SDK command's input (blobs are Uint8Array, timestamps Date); the gate (gate.ts) decides; the answer has the shape of the command's
 * output. A refusal is an `AwsError`; the wire writes it in the protocol's own shape. An operation that is not in the table is refused.
 */
import type { Place, Requirement } from '../src/policy/actions.ts'
import type { NamedPolicy } from '../src/policy/document.ts'
import type { Decision, Principal } from '../src/policy/evaluate.ts'
import type { Clock } from './clock.ts'
import type { Work } from './work.ts'

export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date }

/** Who calls, and every policy that has a say about it. */
export type Caller = {
  principal: Principal
  /** Empty for a service principal. */
  account: string
  /** Empty for a service principal. */
  accessKeyId: string
  identity: readonly NamedPolicy[]
  session?: readonly NamedPolicy[]
  boundary?: readonly NamedPolicy[]
  /** A session of a role: what it assumes next is role chaining. */
  isSession: boolean
  /** Present only in a session. */
  role?: { arn: string; name: string; id: string; sessionName: string; sourceIdentity?: string; expiresAt: Date }
  /** What AWS knows of the caller: aws:SourceAccount and aws:SourceArn of a service, aws:SourceIp and the like. */
  context: Readonly<Record<string, string | readonly string[]>>
}

export type Call = {
  /** The signing name: dynamodb (streams too), sqs, sns, sts, ses, lambda. */
  service: string
  /** The SDK command's name less `Command`. */
  operation: string
  input: Readonly<Record<string, unknown>>
  /** Whose resources a bare name means: the caller's account, or for a service principal the account that owns the resource. */
  account: string
  region: string
  caller: Caller
  at: Date
}

export type Operation = (call: Call) => Promise<object> | object

export type Service = {
  operations: Readonly<Record<string, Operation>>
  /** What is refused before anybody asks who calls: input that breaks a stated constraint. */
  checks?: Readonly<Record<string, (call: Call) => void>>
  /** What only this service can tell about its resources, for the action table. */
  place?: (call: Call) => Pick<Place, 'keySchemaOf' | 'sendingIdentityOf'>
  /** The policy on the resource that a requirement names (topic policy, queue policy, trust policy), if there is one. */
  resourcePolicy?: (requirement: Requirement, call: Call) => NamedPolicy | undefined
}

/**
 * A refusal as AWS words it. `code` is the error's name as the SDK surfaces it; `fields` are the members beside the message
 * (for example `Item` of a ConditionalCheckFailedException).
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

/** One line of the record: a call that the gate let through or refused, with every reason. */
export type AuthorisedCall = {
  at: Date
  /** The caller as it may stand in a log: role name, `root` or the service principal. */
  role: string
  account: string
  service: string
  operation: string
  action: string
  resource: string
  verdict: 'allowed' | 'denied'
  decision: Decision
}

/** Which account and resource a service acts for when it calls as itself. */
export type OnBehalfOf = { sourceAccount?: string; sourceArn?: string }

/** A Lambda function as the deployment describes it, every reference resolved. */
export type FunctionDefinition = {
  /** The block's name in serverless.yml: `record-bounce`. */
  key: string
  /** The Lambda name: `sesame-dev-record-bounce`. */
  name: string
  arn: string
  /** `src/handlers/record-bounce.handler` */
  handler: string
  roleArn: string
  environment: Readonly<Record<string, string>>
  timeoutSeconds: number
  /** Asynchronous invocations: retries after the first attempt (AWS's default is 2) and where a spent one goes. */
  maximumRetryAttempts: number
  onFailureArn?: string
  logGroup: string
}

/** What every service is made with. */
export type Platform = {
  /** Sesame's own account. */
  account: string
  region: string
  clock: Clock
  work: Work
  /**
   * A call of an AWS service as itself, e.g. ses.amazonaws.com publishing to a topic: only the resource's policy decides.
   * Rejects with the AwsError that the caller would see.
   */
  callAsService(
    principal: string,
    behalf: OnBehalfOf,
    service: string,
    operation: string,
    input: object,
  ): Promise<object>
  /** A call that the platform makes with a role's session, e.g. Lambda sending to a function's dead-letter queue. */
  callAsRole(roleArn: string, service: string, operation: string, input: object): Promise<object>
  /** A session of a role for a service principal through the local STS, e.g. lambda.amazonaws.com for a handler. */
  assumeAsService(principal: string, roleArn: string, sessionName: string): Promise<AwsCredentials>
  /** What an unmodified SDK client is made with to speak to this AWS in process. */
  clientConfig(credentials: AwsCredentials): ClientConfig
}

export type ClientConfig = {
  region: string
  endpoint: string
  credentials: AwsCredentials
  maxAttempts: number
  requestHandler: RequestHandler
}

/** The SDK's request handler, as much of it as an in-process one needs. */
export type RequestHandler = {
  handle(request: WireLike): Promise<{ response: WireAnswer }>
  updateHttpClientConfig(): void
  httpHandlerConfigs(): object
}

export type WireLike = {
  method: string
  path: string
  query?: Record<string, string | string[] | null>
  headers: Record<string, string>
  body?: unknown
}

export type WireAnswer = { statusCode: number; headers: Record<string, string>; body: unknown }

/** The embedded AWS as tests and `npm start` hold it; aws.ts adds the services by name. */
export type LocalAws = Platform & {
  credentials: {
    /** A local administrator of an account: allowed everything there, refused what other accounts' policies refuse. */
    root(account: string): AwsCredentials
  }
  listen(port: number): Promise<{ url: string; close(): Promise<void> }>
  /** Every allowed and refused call, oldest first; append-only. */
  record: readonly AuthorisedCall[]
  /** Resolves when no delivery, retry or handler is under way. Delays of retries are virtual: nothing sleeps. */
  settled(): Promise<void>
}
