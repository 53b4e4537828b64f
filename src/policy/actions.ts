/**
 * The action table: for every command that we send or serve, the IAM actions, resources and condition keys it needs.
 *
 * Everything that asks "who may do what" reads this one table: the gate of the embedded AWS, the check that roles grant
 * exactly what the code calls, the template for customers. A command that is not here must not run. One file per service
 * in actions/, each naming its page of the Service Authorization Reference.
 */
import { dynamodb } from './actions/dynamodb.ts'
import { type Entry, type Place, type Requirement, UnknownOperationError } from './actions/entry.ts'
import { events } from './actions/events.ts'
import { lambda } from './actions/lambda.ts'
import { logs } from './actions/logs.ts'
import { s3 } from './actions/s3.ts'
import { ses } from './actions/ses.ts'
import { sns } from './actions/sns.ts'
import { sqs } from './actions/sqs.ts'
import { streams } from './actions/streams.ts'
import { sts } from './actions/sts.ts'

export { MalformedInputError, type Place, type Requirement, UnknownOperationError } from './actions/entry.ts'

/** Keyed by signing name and command, `dynamodb:UpdateItem`; streams are signed as dynamodb. */
export const actionTable: ReadonlyMap<string, Entry> = new Map(
  Object.entries({ dynamodb: { ...dynamodb, ...streams }, events, lambda, logs, s3, ses, sns, sqs, sts }).flatMap(
    ([service, commands]) =>
      Object.entries(commands).map(([command, entry]): [string, Entry] => [`${service}:${command}`, entry]),
  ),
)

/** Every command in the table, sorted: `dynamodb:BatchGetItem`, … */
export const commandNames: readonly string[] = [...actionTable.keys()].sort()

/** The IAM actions that a command can need, `dynamodb:Query` → `['dynamodb:Query']`. Throws UnknownOperationError. */
export function actionsOf(command: string): readonly string[] {
  return entryOf(command).actions
}

/**
 * What one call needs; every requirement must be granted, an empty list needs nothing. `operation` is the SDK command's name
 * less `Command`, `input` has the shape of its input. Throws UnknownOperationError or MalformedInputError.
 */
export function requirementsOf(service: string, operation: string, input: unknown, place: Place): Requirement[] {
  return entryOf(`${service}:${operation}`).requirements(input, place)
}

function entryOf(command: string): Entry {
  const found = actionTable.get(command)
  if (found !== undefined) return found
  const [service = '', operation = ''] = command.split(':')
  throw new UnknownOperationError(service, operation)
}
