/** Errors that exist in every protocol, with the name that each protocol uses. */
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

/** A request without a valid signature. DynamoDB always uses status 400, the other services 403. */
export function signatureError(service: ServiceDescription, { reason, message }: SignatureProblem): AwsError {
  const usesQueryNames = service.protocol === 'query' || service.protocol === 's3' || service.service === 'sqs'
  const status = service.service === 'dynamodb' || (usesQueryNames && reason === 'incomplete') ? 400 : 403
  return new AwsError((usesQueryNames ? queryNames : exceptionNames)[reason], message, status)
}

/**
 * An operation that does not exist or that the embedded AWS does not support.
 *
 * @param supported the names of the operations that it does support
 */
export function unknownOperation(
  service: ServiceDescription,
  operation: string | undefined,
  supported: readonly string[],
): AwsError {
  const named = operation === undefined || !service.operations.has(operation) ? 'this operation' : operation
  const message = `The embedded AWS does not support ${named} of ${service.service}. It supports: ${supported.toSorted().join(', ')}.`
  if (service.protocol === 'query') return new AwsError('InvalidAction', message, 400)
  return new AwsError('UnknownOperationException', message, service.protocol === 'rest' ? 404 : 400)
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
  iam: { code: 'AccessDenied', status: 403 },
  cloudformation: { code: 'AccessDenied', status: 403 },
  events: { code: 'AccessDeniedException', status: 400 },
  logs: { code: 'AccessDeniedException', status: 400 },
  monitoring: { code: 'AccessDenied', status: 403 },
}

/** A call that IAM denies. */
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
  iam: 'ValidationError',
  cloudformation: 'ValidationError',
  logs: 'InvalidParameterException',
}

/** A parameter that does not name a resource. */
export function malformedParameter(service: string, message: string): AwsError {
  return new AwsError(malformedCodes[service] ?? 'ValidationException', `Invalid parameter: ${message}`, 400)
}
