/**
 * What DynamoDB answers when it refuses, as the errors of the SDK: the same names, messages and fields.
 */

import { decode } from './binary.ts'
import type { AttributeValue, CancellationReason } from './sdk-types.ts'
import type { Answer } from './transport.ts'

type Metadata = {
  readonly httpStatusCode: number
  readonly requestId?: string
  /** The clock was off. The next attempt will be signed with the corrected time. */
  readonly clockSkewCorrected: boolean
}

export class DynamoDBServiceException extends Error {
  readonly $fault: 'client' | 'server'
  readonly $metadata: Metadata

  constructor(name: string, message: string, metadata: Metadata) {
    super(message)
    this.name = name
    this.$fault = metadata.httpStatusCode < 500 ? 'client' : 'server'
    this.$metadata = metadata
  }
}

/** `Item` is the item as it was, if the request asked for it. */
export class ConditionalCheckFailedException extends DynamoDBServiceException {
  declare readonly Item?: Record<string, AttributeValue>
}

export class TransactionCanceledException extends DynamoDBServiceException {
  declare readonly CancellationReasons?: CancellationReason[]
}

const classes: Readonly<Record<string, typeof DynamoDBServiceException>> = {
  ConditionalCheckFailedException,
  TransactionCanceledException,
}

/**
 * @param answer status, headers and body. A body that is not JSON, as a proxy may send it, is an error named after the status.
 */
export function errorOf(
  { statusCode, headers, body }: Answer,
  facts: Pick<Metadata, 'clockSkewCorrected'>,
): DynamoDBServiceException {
  const { __type, message, Message, ...fields } = fieldsOf(body)
  // `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`, as DynamoDB qualifies its names.
  const [, name = `Status${statusCode}`] = /(?:^|#)(\w+)[^#]*$/.exec(String(__type ?? '')) ?? []
  const requestId = headers['x-amzn-requestid']
  const metadata = { httpStatusCode: statusCode, ...(typeof requestId === 'string' && { requestId }), ...facts }
  const ErrorClass = classes[name] ?? DynamoDBServiceException
  return Object.assign(new ErrorClass(name, String(message ?? Message ?? name), metadata), fields)
}

function fieldsOf(body: string): Record<string, unknown> {
  try {
    return Object(decode(body))
  } catch {
    return {}
  }
}
