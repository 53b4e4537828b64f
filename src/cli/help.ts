/**
 * `sesame help`: the help of any command, also of one below another. Commander's own takes one word.
 */
import type { Command } from 'commander'
import { UsageError } from './usage-error.ts'

export function registerHelp(program: Command): void {
  program.helpCommand(false)
  program
    .command('help [command...]')
    .description('show the help of a command, with its examples')
    .action((words: string[]) => {
      let found = program
      for (const word of words) {
        const child = found.commands.find((one) => one.name() === word)
        if (child === undefined)
          throw new UsageError(`There is no command ${words.join(' ')}. List them with sesame help`)
        found = child
      }
      found.outputHelp()
    })
}
