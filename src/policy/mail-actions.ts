/**
 * The IAM actions of commands of SES and SNS: the part of the action table (actions.ts) that functions ship, to write session policies for
 * customers' accounts. The schemas of the other services would be a twentieth of their bundles.
 */
import { type Entry, UnknownOperationError } from './actions/entry.ts'
import { ses } from './actions/ses.ts'
import { sns } from './actions/sns.ts'

const services: Readonly<Record<string, Readonly<Record<string, Entry>>>> = { ses, sns }

/**
 * The actions of a command in a customer's account: of SES and SNS, or of another service, whose commands are called like their actions. The
 * list of customer actions says which commands there are, and a test compares it with the complete action table.
 * @throws UnknownOperationError
 */
export const customerActionsOf = (command: string): readonly string[] =>
  Object.hasOwn(services, command.split(':')[0] ?? '') ? mailActionsOf(command) : [command]

/**
 * `ses:SendEmail` → `['ses:SendEmail', 'ses:SendRawEmail']`
 * @throws UnknownOperationError
 */
export function mailActionsOf(command: string): readonly string[] {
  const [service = '', operation = ''] = command.split(':')
  const commands = services[service] ?? {}
  const entry = Object.hasOwn(commands, operation) ? commands[operation] : undefined
  if (entry) return entry.actions
  throw new UnknownOperationError(service, operation)
}
