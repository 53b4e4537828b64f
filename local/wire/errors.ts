/** One refusal, the names that each protocol has for it. */
import { AwsError } from '../service.ts'
import type { ServiceDescription } from './catalogue.ts'
import type { SignatureProblem } from './sigv4.ts'

const queryNames: Record<SignatureProblem['reason'], string> = {
  'missing token': 'MissingAuthenticationToken',
  incomplete: 'IncompleteSignature',
  'unknown key': 'InvalidClientTokenId',
  'wrong signature': 'SignatureDoesNotMatch',
  'expired token': 'ExpiredToken',
  'expired link': 'AccessDenied',
}

const exceptionNames: Record<SignatureProblem['reason'], string> = {
  'missing token': 'MissingAuthenticationTokenException',
  incomplete: 'IncompleteSignatureException',
  'unknown key': 'UnrecognizedClientException',
  'wrong signature': 'InvalidSignatureException',
  'expired token': 'ExpiredTokenException',
  'expired link': 'AccessDeniedException',
}

/** A request that is not signed as it should be. DynamoDB says 400 to everything, the others 403. */
export function signatureError(service: ServiceDescription, { reason, message }: SignatureProblem): AwsError {
  const olden = service.protocol === 'query' || service.protocol === 's3' || service.service === 'sqs'
  const status = service.service === 'dynamodb' || (olden && reason === 'incomplete') ? 400 : 403
  return new AwsError((olden ? queryNames : exceptionNames)[reason], message, status)
}

/** An operation that does not exist, or that the embedded AWS does not serve: never a silent success. */
export function unknownOperation(service: ServiceDescription, operation: string | undefined, version = ''): AwsError {
  const named = operation === undefined || !service.operations.has(operation) ? 'this operation' : operation
  if (service.protocol === 'query') {
    return new AwsError('InvalidAction', `Could not find operation ${named} for version ${version.slice(0, 20)}.`, 400)
  }
  const status = service.protocol === 'rest' ? 404 : 400
  return new AwsError(
    'UnknownOperationException',
    `The embedded AWS does not serve ${named} of ${service.service}.`,
    status,
  )
}

export function missingParameter(service: ServiceDescription, name: string): AwsError {
  const message: Readonly<Record<string, string>> = {
    sqs: `The request must contain the parameter ${name}.`,
    sns: `Invalid parameter: ${name}`,
  }
  const member = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`
  return new AwsError(
    service.missingParameter,
    message[service.service] ??
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    400,
  )
}

const denialCodes: Readonly<Record<string, { code: string; status: number }>> = {
  dynamodb: { code: 'AccessDeniedException', status: 400 },
  ses: { code: 'AccessDeniedException', status: 403 },
  lambda: { code: 'AccessDeniedException', status: 403 },
  s3: { code: 'AccessDenied', status: 403 },
  sns: { code: 'AuthorizationError', status: 403 },
  sqs: { code: 'AccessDenied', status: 403 },
  sts: { code: 'AccessDenied', status: 403 },
}

/** What the service says when IAM refuses. */
export function accessDenied(service: string, message: string): AwsError {
  const { code, status } = denialCodes[service] ?? { code: 'AccessDenied', status: 403 }
  return new AwsError(code, message, status)
}

const malformedCodes: Readonly<Record<string, string>> = {
  dynamodb: 'ValidationException',
  ses: 'BadRequestException',
  lambda: 'InvalidParameterValueException',
  sns: 'InvalidParameter',
  sqs: 'InvalidParameterValue',
  sts: 'ValidationError',
}

/** A parameter that names no resource. */
export function malformedParameter(service: string, message: string): AwsError {
  return new AwsError(malformedCodes[service] ?? 'ValidationException', `Invalid parameter: ${message}`, 400)
}
