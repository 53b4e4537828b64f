/**
 * The services that speak here, as their SDK clients describe them: protocol, operations, errors.
 *
 * Signing names are the keys: DynamoDB and its Streams share one. Which operations are really served is the services' affair.
 */
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as streams from '@aws-sdk/client-dynamodb-streams'
import * as eventbridge from '@aws-sdk/client-eventbridge'
import * as lambda from '@aws-sdk/client-lambda'
import * as s3 from '@aws-sdk/client-s3'
import * as ses from '@aws-sdk/client-sesv2'
import * as sns from '@aws-sdk/client-sns'
import * as sqs from '@aws-sdk/client-sqs'
import * as sts from '@aws-sdk/client-sts'
import { type ErrorShape, type OperationShape, readClient } from './shape.ts'

export type Protocol = 'json' | 'query' | 'rest' | 's3'

export type ServiceDescription = {
  service: string
  protocol: Protocol
  operations: ReadonlyMap<string, OperationShape>
  /** By name and by query code. */
  errors: ReadonlyMap<string, ErrorShape>
  /** JSON: what stands before the operation's name in x-amz-target. */
  targets: readonly string[]
  /** Query: the namespace of the answers, whose last part is the API version. */
  namespace: string
  /** The code for a missing parameter. */
  missingParameter: string
}

function describe(
  service: string,
  protocol: Protocol,
  clients: readonly Readonly<Record<string, unknown>>[],
  rest: { targets?: readonly string[]; namespace?: string; missingParameter: string },
): ServiceDescription {
  const read = clients.map(readClient)
  return {
    service,
    protocol,
    operations: new Map(read.flatMap((client) => client.operations.map((operation) => [operation.name, operation]))),
    errors: new Map(
      read.flatMap((client) =>
        client.errors.flatMap((error): [string, ErrorShape][] =>
          error.queryCode === undefined
            ? [[error.name, error]]
            : [
                [error.name, error],
                [error.queryCode, error],
              ],
        ),
      ),
    ),
    targets: rest.targets ?? [],
    namespace: rest.namespace ?? '',
    missingParameter: rest.missingParameter,
  }
}

export const catalogue: ReadonlyMap<string, ServiceDescription> = new Map(
  [
    describe('dynamodb', 'json', [streams, dynamodb], {
      targets: ['DynamoDB_20120810', 'DynamoDBStreams_20120810'],
      missingParameter: 'ValidationException',
    }),
    describe('events', 'json', [eventbridge], { targets: ['AWSEvents'], missingParameter: 'ValidationException' }),
    describe('sqs', 'json', [sqs], { targets: ['AmazonSQS'], missingParameter: 'MissingParameter' }),
    describe('sns', 'query', [sns], {
      namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
      missingParameter: 'InvalidParameter',
    }),
    describe('sts', 'query', [sts], {
      namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
      missingParameter: 'ValidationError',
    }),
    describe('ses', 'rest', [ses], { missingParameter: 'BadRequestException' }),
    describe('s3', 's3', [s3], { missingParameter: 'InvalidRequest' }),
    describe('lambda', 'rest', [lambda], { missingParameter: 'InvalidParameterValueException' }),
  ].map((description) => [description.service, description]),
)
