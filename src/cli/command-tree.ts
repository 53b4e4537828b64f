/**
 * The tree of commands: all commands of the program, and the words by which each is called.
 */
import type { Command } from 'commander'

/** The command and all commands below it, in the order of the help. */
export const commandsOf = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap((child) => commandsOf(child)),
]

/** `project add`; an empty text for the program itself. */
export const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : ''
