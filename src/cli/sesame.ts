/**
 * The `sesame` command.
 */
import { Command } from 'commander'
import { registerCommands } from './commands.ts'
import { createStack } from './stack.ts'

const program = new Command('sesame')
  .description('Manage projects, their connections to SES accounts, and their suppression lists.')
  .option('--stage <name>', 'stage of the deployment', process.env.SESAME_STAGE ?? 'dev')

registerCommands(program, {
  stack: () => createStack(program.opts<{ stage: string }>().stage),
  print: (text) => console.log(text),
  now: () => new Date(),
})

try {
  await program.parseAsync()
} catch (error) {
  console.error(`sesame: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
