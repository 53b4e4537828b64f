/**
 * The `sesame` command as a tree of commands, with what all of them have in common: options, examples, and how they end.
 */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import * as v from 'valibot'
import type { CommandContext } from './command-context.ts'
import { commandsOf, pathOf } from './command-tree.ts'
import { registerCommands } from './commands.ts'
import { registerCompletion } from './completion.ts'
import { examplesOf } from './examples.ts'
import { exitCodeTexts } from './exit-codes.ts'
import { addGlobalOptions } from './global-options.ts'
import { registerHelp } from './help.ts'

const Package = v.object({ version: v.string() })

const readVersion = (): string =>
  v.parse(
    v.pipe(v.string(), v.parseJson(), Package),
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ).version

type Printing = {
  readonly out: (text: string) => unknown
  readonly error: (text: string) => unknown
}

/** A command that ends by a CommanderError does not end the process. */
export function createProgram(context: CommandContext, { out, error }: Printing): Command {
  const program = new Command('sesame')
    .description('Manage projects, their connections to SES accounts, and their suppression lists.')
    .version(readVersion(), '--version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void out(text.trimEnd()),
      writeErr: (text) => void error(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'sesame: ')),
    })
    .showHelpAfterError('Add --help for the options and examples.')
  registerCommands(program, context)
  registerCompletion(program, context)
  registerHelp(program)
  addGlobalOptions(program)
  for (const command of commandsOf(program)) {
    const examples = examplesOf(pathOf(command))
    if (examples.length > 0)
      command.addHelpText('after', `\nExamples:\n${examples.map((one) => `  $ ${one}`).join('\n')}`)
  }
  const codes = exitCodeTexts.map(([code, meaning]) => `  ${code}  ${meaning.replaceAll('`', '')}`).join('\n')
  return program.addHelpText('after', `\nExit codes:\n${codes}`)
}
