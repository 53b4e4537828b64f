/**
 * What every command receives: the deployed stack, the output and the clock.
 */
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { StackAccess } from './stack.ts'

export type CommandContext = {
  /** Creates the clients on demand, so that commands such as `sesame parse` need no AWS credentials. */
  readonly stack: () => StackAccess
  readonly print: (text: string) => void
  readonly now: () => Date
}

/** Adds the option `--by`. Each change is stored with the name of the person who made it. */
export const withByOption = (command: Command): Command =>
  command.option('--by <name>', 'your name, stored with the change', userInfo().username)
