/**
 * Handles every request to the embedded AWS: a signed request in, a response in the protocol of the service out.
 *
 * It never throws, unless a simulation withholds the answer. Malformed bodies, invalid signatures and unknown operations get a well-formed error
 * response. The port and the in-process request handler both call it.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { writeApiError } from '../execute-api/execute-api.ts'
import { NoAnswerError } from '../interference.ts'
import { type AuthenticatedCaller, AwsError } from '../service.ts'
import { catalogue, type ServiceDescription } from './catalogue.ts'
import { missingParameter, signatureError, unknownOperation } from './errors.ts'
import { jsonOperation, readJson, writeJson, writeJsonError } from './json.ts'
import { checkPresigned, isPresigned, presignedScope, tokenOf } from './presigned.ts'
import { readForm, readQueryInput, writeQuery, writeQueryError } from './query.ts'
import { maximumBodyBytes, type WireRequest, type WireResponse } from './request.ts'
import { matchRoute, readRest, writeRest, writeRestError } from './rest.ts'
import { readS3, writeS3, writeS3Error } from './s3.ts'
import type { OperationShape } from './shape.ts'
import { checkSignature, readScope, type SignatureProblem } from './sigv4.ts'
import { unservedError, writeUnserved } from './unserved.ts'
import { missingMember } from './value.ts'

/** An access key with its secret and its caller. */
export type AccessKey = { secret: string; sessionToken?: string; expiresAt?: Date; caller: AuthenticatedCaller }

export type Backend = {
  /** The clock by which sessions and presigned URLs expire. */
  clock: Clock
  /** The time for checking signatures: the machine's, by which clients sign. A test advances `clock`, not the clients. */
  signingTime(): Date
  keyOf(accessKeyId: string): AccessKey | undefined
  /**
   * Authorises and runs a call.
   *
   * @throws AwsError
   */
  serve(
    service: string,
    operation: string,
    input: Readonly<Record<string, unknown>>,
    region: string,
    caller: AuthenticatedCaller,
  ): Promise<object>
  /** Answers a request to the HTTP API. */
  answerApi(request: WireRequest, region: string, caller: AuthenticatedCaller): Promise<WireResponse>
  /** Whether the service supports the operation. */
  has(service: string, operation: string): boolean
  /** Receives every error that is not an AwsError: a defect of the embedded AWS. */
  defect(cause: unknown): void
}

export type WireHandler = (request: WireRequest) => Promise<WireResponse>

export function createWireHandler(backend: Backend): WireHandler {
  return async (request) => {
    const requestId = randomUUID()
    const service = serviceOf(request)
    let answer: WireResponse
    const unserved = unservedIn(request)
    if (unserved) return finish(writeUnserved(unserved, request, requestId), requestId, backend)
    try {
      answer = await answerTo(request, service, backend, requestId)
    } catch (cause) {
      if (cause instanceof NoAnswerError) throw cause
      if (!(cause instanceof AwsError)) backend.defect(cause)
      answer = writeError(service, cause instanceof AwsError ? cause : internalFailure(), requestId)
    }
    return finish(answer, requestId, backend)
  }
}

function finish(answer: WireResponse, requestId: string, backend: Backend): WireResponse {
  answer.headers['x-amzn-requestid'] = requestId
  // SDK clients correct their clocks by this header.
  answer.headers.date = backend.signingTime().toUTCString()
  return answer
}

function unservedIn(request: WireRequest): AwsError | undefined {
  const scope = scopeOf(request)
  return unservedError('service' in scope ? scope.service : undefined, request, [...catalogue.keys()])
}

const internalFailure = () =>
  new AwsError('InternalFailure', 'The request processing has failed because of an unknown error.', 500)

async function answerTo(
  request: WireRequest,
  service: ServiceDescription,
  backend: Backend,
  requestId: string,
): Promise<WireResponse> {
  if (request.body.length > maximumBodyBytes)
    throw new AwsError('RequestEntityTooLarge', 'The request body is larger than 16 MB.', 413)
  const { caller, region } = authenticate(request, service, backend)
  if (service.protocol === 'api') return backend.answerApi(request, region, caller)
  const { operation, input } = read(request, service, backend)
  const missing = service.service === 'dynamodb' ? undefined : missingMember(operation.input, input)
  if (missing !== undefined) throw missingParameter(service, missing)
  const output = await backend.serve(service.service, operation.name, input, region, caller)
  if (service.protocol === 'json') return writeJson(operation, output)
  if (service.protocol === 's3') return writeS3(output)
  return service.protocol === 'query' ? writeQuery(service, operation, output, requestId) : writeRest(operation, output)
}

/** The service of the credential scope, else of the request's headers, so that an unsigned request is refused in the right protocol. */
function serviceOf(request: WireRequest): ServiceDescription {
  const { headers } = request
  const scope = scopeOf(request)
  const [target] = (headers['x-amz-target'] ?? '').split('.')
  const found =
    ('service' in scope ? catalogue.get(scope.service) : undefined) ??
    [...catalogue.values()].find(({ targets }) => target !== undefined && targets.includes(target)) ??
    (request.path.startsWith('/projects/') ? catalogue.get('execute-api') : undefined) ??
    (isPublicRead(request) ? catalogue.get('s3') : undefined) ??
    catalogue.get(headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? 'sts' : 'ses')
  if (!found) throw new Error('The catalogue has no entry for STS or SES')
  return found
}

const scopeOf = (request: WireRequest) => (isPresigned(request) ? presignedScope(request) : readScope(request.headers))

function authenticate(
  request: WireRequest,
  service: ServiceDescription,
  backend: Backend,
): { caller: AuthenticatedCaller; region: string } {
  const refuse = (problem: SignatureProblem): never => {
    throw signatureError(service, problem)
  }
  if (isPublicRead(request)) return { caller: everyone, region: publicRegion }
  const scope = scopeOf(request)
  if ('reason' in scope) return refuse(scope)
  if (scope.service !== service.service || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(scope.region)) {
    return refuse({ reason: 'wrong signature', message: 'Credential should be scoped to a valid region and service.' })
  }
  const key = backend.keyOf(scope.accessKeyId)
  if (!key || key.sessionToken !== tokenOf(request)) {
    return refuse({ reason: 'unknown key', message: 'The security token included in the request is invalid.' })
  }
  const problem = isPresigned(request)
    ? checkPresigned(request, scope, key.secret, backend.clock.now())
    : checkSignature(request, scope, key.secret, backend.signingTime())
  if (problem) return refuse(problem)
  if (key.expiresAt && key.expiresAt <= backend.clock.now()) {
    return refuse({ reason: 'expired token', message: 'The security token included in the request is expired' })
  }
  return { caller: key.caller, region: scope.region }
}

/** A read of an object in S3 without a signature, such as a browser makes. The policy of the bucket decides. */
const isPublicRead = (request: WireRequest): boolean =>
  request.method === 'GET' &&
  request.headers.authorization === undefined &&
  !isPresigned(request) &&
  !/^\/(projects|\d{4}-\d\d-\d\d)\//.test(request.path) &&
  /^\/[a-z0-9][a-z0-9.-]{2,62}\/[\w./-]+$/.test(request.path)

const everyone: AuthenticatedCaller = {
  principal: { kind: 'anonymous' },
  account: '',
  accessKeyId: '',
  identity: [],
  isSession: false,
  context: {},
}
/** Buckets belong to no region of the embedded AWS. */
const publicRegion = 'us-east-1'

type ReadCall = { operation: OperationShape; input: Readonly<Record<string, unknown>> }

function read(request: WireRequest, service: ServiceDescription, backend: Backend): ReadCall {
  const isSupported = (name: string) => backend.has(service.service, name)
  const known = (name: string | undefined): OperationShape => {
    const shape = name === undefined ? undefined : service.operations.get(name)
    if (!shape || !isSupported(shape.name))
      throw unknownOperation(service, name, [...service.operations.keys()].filter(isSupported))
    return shape
  }
  if (service.protocol === 'json') {
    const operation = known(jsonOperation(service, request))
    return { operation, input: readJson(operation, request) }
  }
  if (service.protocol === 'query') {
    const form = readForm(request)
    const operation = known(form.action)
    return { operation, input: readQueryInput(operation, form) }
  }
  if (service.protocol === 's3') {
    const { operation, input } = readS3(request)
    return { operation: known(operation), input }
  }
  const found = matchRoute(service, request)
  const operation = known(found?.operation.name)
  return { operation, input: found ? readRest(found, request) : {} }
}

function writeError(service: ServiceDescription, error: AwsError, requestId: string): WireResponse {
  if (service.protocol === 'json') return writeJsonError(service, error)
  if (service.protocol === 'api') return writeApiError(error)
  if (service.protocol === 's3') return writeS3Error(error, requestId)
  return service.protocol === 'query' ? writeQueryError(service, error, requestId) : writeRestError(service, error)
}
