/**
 * Options that several commands have: who makes a change, the format of the output, and the confirmation of what cannot be undone.
 */
import { userInfo } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { isReservedName } from '../suppression/stored-ruling.ts'
import type { CommandContext } from './command-context.ts'
import { UsageError } from './usage-error.ts'

export const outputFormats = ['table', 'json', 'csv'] as const
export type OutputFormat = (typeof outputFormats)[number]
export type OutputOptions = { readonly output: OutputFormat }

/** Adds the option `--by`. Each change is stored with the name of the person who made it. */
export const withByOption = (command: Command): Command =>
  command.addOption(
    new Option('--by <name>', 'your name, stored with the change')
      .argParser(personName)
      .default(userName(), 'your user name on this computer'),
  )

/** The user of this computer. A container may have none. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER || 'unknown'
  }
}

/** @throws InvalidArgumentError if the name is empty, or is one under which Sesame itself makes changes */
function personName(name: string): string {
  if (name.trim() === '') throw new InvalidArgumentError('Give your name.')
  if (isReservedName(name)) throw new InvalidArgumentError('Sesame itself uses this name. Give your own.')
  return name.trim()
}

/** A reason. @throws InvalidArgumentError if it is empty */
export function reason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Give the reason in words.')
  return text.trim()
}

/** A number of things, at least one. */
export function positiveNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('Give a whole number from 1 on.')
  return number
}

/** Values that are separated by spaces or commas: `--features reading,suppression`. */
export const listed = (text: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  ...text.split(',').filter((part) => part !== ''),
]

/** One of several values, or several of them. @throws InvalidArgumentError that names the known values */
export const listedOf =
  (known: readonly string[]) =>
  (text: string, before: readonly string[] | undefined): string[] => {
    const values = listed(text, before)
    const unknown = values.find((value) => !known.includes(value))
    if (unknown !== undefined) throw new InvalidArgumentError(`Known are: ${known.join(', ')}.`)
    return values
  }

/** Adds `--output`, and `--json`, its former spelling. */
export const withOutputOption = (command: Command): Command =>
  command
    .addOption(
      new Option('--output <format>', 'table; json: one object per line; csv: for spreadsheets')
        .choices(outputFormats)
        .default('table'),
    )
    .addOption(new Option('--json', 'same as --output json').implies({ output: 'json' }))

export type YesOption = { readonly yes?: true }

/** Adds `--yes`, for a command that cannot be undone. */
export const withYesOption = (command: Command): Command =>
  command.option('--yes', 'do not ask; needed when nobody can be asked, as in a script')

/**
 * Asks before something that cannot be undone.
 * @param consequence what will happen, as a sentence
 * @throws UsageError if the person says no, or if nobody can be asked and `--yes` is not given
 */
export async function confirmed({ confirm }: CommandContext, { yes }: YesOption, consequence: string): Promise<void> {
  if (yes) return
  if (confirm === undefined) throw new UsageError(`${consequence} This cannot be undone. To do it, add --yes`)
  if (!(await confirm(`${consequence} This cannot be undone. Continue?`))) throw new UsageError('Nothing was done')
}
