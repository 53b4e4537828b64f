/**
 * The `sesame` command.
 */
import { Command } from 'commander'
import { registerConnect } from './connect.ts'
import { registerDoctor } from './doctor.ts'
import { registerParse } from './parse.ts'
import { registerProject } from './project.ts'
import { registerReconcile } from './reconcile.ts'
import { registerReplay } from './replay.ts'
import { registerRoles } from './roles.ts'
import { createStack } from './stack.ts'
import { registerSuppressions } from './suppressions.ts'

const program = new Command('sesame')
  .description('Keeps every address that bounced or complained from being mailed again.')
  .option('--stage <name>', 'the deployed stage', process.env.SESAME_STAGE ?? 'dev')

const open = {
  stack: () => createStack(program.opts<{ stage: string }>().stage),
  print: (line: string) => console.log(line),
  now: () => new Date(),
}

registerParse(program)
registerProject(program, open)
registerConnect(program, open)
registerDoctor(program, open)
registerSuppressions(program, open)
registerReconcile(program, open)
registerReplay(program, open)
registerRoles(program, open)

try {
  await program.parseAsync()
} catch (error) {
  console.error(`sesame: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
