/** AWS JSON 1.0 (DynamoDB, DynamoDB Streams, SQS): the operation in the x-amz-target header, JSON request and response bodies. */
import type { AwsError } from '../service.ts'
import type { ServiceDescription } from './catalogue.ts'
import type { WireRequest, WireResponse } from './request.ts'
import type { OperationShape } from './shape.ts'
import { fromJson, readStructure, serializationError, toJson } from './value.ts'

const contentType = 'application/x-amz-json-1.0'

/** The operation in x-amz-target, if it belongs to the service. */
export function jsonOperation(service: ServiceDescription, request: WireRequest): string | undefined {
  const [target, operation] = (request.headers['x-amz-target'] ?? '').split('.')
  return target !== undefined && service.targets.includes(target) ? operation : undefined
}

export function readJson(operation: OperationShape, request: WireRequest): Readonly<Record<string, unknown>> {
  return readStructure(fromJson(operation.input, request.body.length === 0 ? {} : readJsonBody(request.body)))
}

export function writeJson(operation: OperationShape, output: object): WireResponse {
  return {
    status: 200,
    headers: { 'content-type': contentType },
    body: jsonBytes(toJson(operation.output, output) ?? {}),
  }
}

export function writeJsonError(service: ServiceDescription, error: AwsError): WireResponse {
  const shape = service.errors.get(error.code)
  const namespace = shape?.namespace ?? 'com.amazon.coral.service'
  const members = (shape?.members ?? []).flatMap((member) => {
    const value =
      member.name.toLowerCase() === 'message' ? undefined : toJson(member.shape(), error.fields[member.name])
    return value === undefined ? [] : [[member.name, value]]
  })
  const body = {
    __type: `${namespace}#${shape?.name ?? error.code}`,
    message: error.message,
    ...Object.fromEntries(members),
  }
  const status = shape?.status ?? error.status
  const queryCode = shape?.queryCode && {
    'x-amzn-query-error': `${shape.queryCode};${status < 500 ? 'Sender' : 'Receiver'}`,
  }
  return { status, headers: { 'content-type': contentType, ...queryCode }, body: jsonBytes(body) }
}

/** @throws AwsError SerializationException when the body is not JSON in UTF-8 */
export function readJsonBody(body: Uint8Array): unknown {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return parsed
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof TypeError) throw serializationError('the body is not JSON')
    throw cause
  }
}

export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
