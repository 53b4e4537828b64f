/**
 * The services by signing name, as their SDK clients describe them: protocol, operations, errors.
 *
 * DynamoDB and DynamoDB Streams share a signing name. Each service decides which of its operations it supports.
 */
import * as cloudformation from '@aws-sdk/client-cloudformation'
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as streams from '@aws-sdk/client-dynamodb-streams'
import * as eventbridge from '@aws-sdk/client-eventbridge'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as s3 from '@aws-sdk/client-s3'
import * as ses from '@aws-sdk/client-sesv2'
import * as sns from '@aws-sdk/client-sns'
import * as sqs from '@aws-sdk/client-sqs'
import * as sts from '@aws-sdk/client-sts'
import { type ErrorShape, type OperationShape, readClient } from './shape.ts'

/** `api`: the HTTP API of the deployment, which has routes instead of operations (local/execute-api). */
export type Protocol = 'json' | 'query' | 'rest' | 's3' | 'api'

export type ServiceDescription = {
  service: string
  protocol: Protocol
  operations: ReadonlyMap<string, OperationShape>
  /** By error name and by query code. */
  errors: ReadonlyMap<string, ErrorShape>
  /** JSON protocol: the prefixes of the operation in x-amz-target. */
  targets: readonly string[]
  /** Query protocol: the XML namespace of the responses. Its last part is the API version. */
  namespace: string
  /** The error code for a missing parameter. */
  missingParameter: string
}

function describe(
  service: string,
  protocol: Protocol,
  clients: readonly Readonly<Record<string, unknown>>[],
  rest: { targets?: readonly string[]; namespace?: string; missingParameter: string },
): ServiceDescription {
  const described = clients.map(readClient)
  return {
    service,
    protocol,
    operations: new Map(
      described.flatMap((client) => client.operations.map((operation) => [operation.name, operation])),
    ),
    errors: new Map(
      described.flatMap((client) =>
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
    describe('iam', 'query', [iam], {
      namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
      missingParameter: 'ValidationError',
    }),
    describe('cloudformation', 'query', [cloudformation], {
      namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
      missingParameter: 'ValidationError',
    }),
    describe('logs', 'json', [logs], { targets: ['Logs_20140328'], missingParameter: 'InvalidParameterException' }),
    describe('monitoring', 'json', [cloudwatch], {
      targets: ['GraniteServiceVersion20100801'],
      missingParameter: 'MissingParameter',
    }),
    describe('ses', 'rest', [ses], { missingParameter: 'BadRequestException' }),
    describe('s3', 's3', [s3], { missingParameter: 'InvalidRequest' }),
    describe('lambda', 'rest', [lambda], { missingParameter: 'InvalidParameterValueException' }),
    describe('execute-api', 'api', [], { missingParameter: 'BadRequestException' }),
  ].map((description) => [description.service, description]),
)
