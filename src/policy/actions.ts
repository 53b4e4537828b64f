/**
 * The action table: the IAM actions, resources and condition keys that each AWS command needs.
 *
 * The gate of the embedded AWS, the check that roles grant exactly what the code calls, and the template for customers all read this table.
 * A command that is not in the table must not run. Each service has a file in actions/, which names its page of the Service Authorization
 * Reference.
 */
import { cloudformation } from './actions/cloudformation.ts'
import { cloudwatch } from './actions/cloudwatch.ts'
import { dynamodb } from './actions/dynamodb.ts'
import { type Entry, type Requirement, type ResourceContext, UnknownOperationError } from './actions/entry.ts'
import { events } from './actions/events.ts'
import { executeApi } from './actions/execute-api.ts'
import { iam } from './actions/iam.ts'
import { lambda } from './actions/lambda.ts'
import { logs } from './actions/logs.ts'
import { s3 } from './actions/s3.ts'
import { ses } from './actions/ses.ts'
import { sns } from './actions/sns.ts'
import { sqs } from './actions/sqs.ts'
import { streams } from './actions/streams.ts'
import { sts } from './actions/sts.ts'

export { MalformedInputError, type Requirement, type ResourceContext, UnknownOperationError } from './actions/entry.ts'

/** By signing name and command, `dynamodb:UpdateItem`. Requests to DynamoDB Streams are signed as `dynamodb`. */
export const actionTable: ReadonlyMap<string, Entry> = new Map(
  Object.entries({
    cloudformation,
    dynamodb: { ...dynamodb, ...streams },
    events,
    'execute-api': executeApi,
    iam,
    lambda,
    logs,
    // The signing name of CloudWatch.
    monitoring: cloudwatch,
    s3,
    ses,
    sns,
    sqs,
    sts,
  }).flatMap(([service, commands]) =>
    Object.entries(commands).map(([command, entry]): [string, Entry] => [`${service}:${command}`, entry]),
  ),
)

/** All commands in the table, sorted: `dynamodb:BatchGetItem`, … */
export const commandNames: readonly string[] = [...actionTable.keys()].sort()

/**
 * The IAM actions that a command can need: `dynamodb:Query` → `['dynamodb:Query']`.
 * @throws UnknownOperationError
 */
export function actionsOf(command: string): readonly string[] {
  return entryOf(command).actions
}

/**
 * The permissions that one call needs. All must be granted; a call with an empty list needs none.
 *
 * @param operation the name of the SDK command without `Command`
 * @param input the input of the SDK command
 * @throws UnknownOperationError | MalformedInputError
 */
export function requirementsOf(
  service: string,
  operation: string,
  input: unknown,
  place: ResourceContext,
): Requirement[] {
  return entryOf(`${service}:${operation}`).requirements(input, place)
}

function entryOf(command: string): Entry {
  const found = actionTable.get(command)
  if (found !== undefined) return found
  const [service = '', operation = ''] = command.split(':')
  throw new UnknownOperationError(service, operation)
}
