/**
 * The one door of the embedded AWS: a signed request in, an answer in the protocol's own shape out.
 *
 * Whatever comes in, something well-formed goes out and nothing is thrown: a body of noise, a signature of nobody, an operation that does
 * not exist. The port and the in-process request handler both end here.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
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
import { missingMember } from './value.ts'

/** What stands behind an access key. */
export type AccessKey = { secret: string; sessionToken?: string; expiresAt?: Date; caller: AuthenticatedCaller }

export type Backend = {
  /** When sessions end. */
  clock: Clock
  /** What requests are signed by: the machine's time. A test puts the AWS's clock forward, not the clients'. */
  signingTime(): Date
  keyOf(accessKeyId: string): AccessKey | undefined
  /** Authorises and serves; rejects with AwsError. */
  serve(
    service: string,
    operation: string,
    input: Readonly<Record<string, unknown>>,
    region: string,
    caller: AuthenticatedCaller,
  ): Promise<object>
  /** Whether a service has the operation at all. */
  has(service: string, operation: string): boolean
  /** Told of what should not happen: a service that threw something else than an AwsError. */
  defect(cause: unknown): void
}

export type WireHandler = (request: WireRequest) => Promise<WireResponse>

export function createWireHandler(backend: Backend): WireHandler {
  return async (request) => {
    const requestId = randomUUID()
    const service = serviceOf(request)
    let answer: WireResponse
    try {
      answer = await answerTo(request, service, backend, requestId)
    } catch (cause) {
      if (!(cause instanceof AwsError)) backend.defect(cause)
      answer = writeError(service, cause instanceof AwsError ? cause : failure(), requestId)
    }
    answer.headers['x-amzn-requestid'] = requestId
    // SDK clients set their clocks by it.
    answer.headers.date = backend.signingTime().toUTCString()
    return answer
  }
}

const failure = () =>
  new AwsError('InternalFailure', 'The request processing has failed because of an unknown error.', 500)

async function answerTo(
  request: WireRequest,
  service: ServiceDescription,
  backend: Backend,
  requestId: string,
): Promise<WireResponse> {
  if (request.body.length > maximumBodyBytes)
    throw new AwsError('RequestEntityTooLarge', 'The body is larger than 16 MB.', 413)
  const { caller, region } = authenticate(request, service, backend)
  const { operation, input } = read(request, service, backend)
  const missing = service.service === 'dynamodb' ? undefined : missingMember(operation.input, input)
  if (missing !== undefined) throw missingParameter(service, missing)
  const output = await backend.serve(service.service, operation.name, input, region, caller)
  if (service.protocol === 'json') return writeJson(operation, output)
  if (service.protocol === 's3') return writeS3(output)
  return service.protocol === 'query' ? writeQuery(service, operation, output, requestId) : writeRest(operation, output)
}

/** By the credential scope; where there is none, by what the request looks like, so that even the refusal has the right shape. */
function serviceOf(request: WireRequest): ServiceDescription {
  const { headers } = request
  const scope = scopeOf(request)
  const [target] = (headers['x-amz-target'] ?? '').split('.')
  const found =
    ('service' in scope ? catalogue.get(scope.service) : undefined) ??
    [...catalogue.values()].find((one) => target !== undefined && one.targets.includes(target)) ??
    catalogue.get(headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? 'sts' : 'ses')
  if (!found) throw new Error('the catalogue lacks STS or SES')
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

type Reading = { operation: OperationShape; input: Readonly<Record<string, unknown>> }

function read(request: WireRequest, service: ServiceDescription, backend: Backend): Reading {
  const known = (name: string | undefined, version?: string): OperationShape => {
    const shape = name === undefined ? undefined : service.operations.get(name)
    if (!shape || !backend.has(service.service, shape.name)) throw unknownOperation(service, name, version)
    return shape
  }
  if (service.protocol === 'json') {
    const operation = known(jsonOperation(service, request))
    return { operation, input: readJson(operation, request) }
  }
  if (service.protocol === 'query') {
    const form = readForm(request)
    const operation = known(form.action, form.version)
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
  if (service.protocol === 's3') return writeS3Error(error, requestId)
  return service.protocol === 'query' ? writeQueryError(service, error, requestId) : writeRestError(service, error)
}
