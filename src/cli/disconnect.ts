/**
 * `sesame disconnect`: undoes the configuration of a project and deletes its connection.
 */
import type { Command } from 'commander'
import { DisconnectAnswer } from '../operations/answers.ts'
import { type CommandContext, withByOption } from './command-context.ts'
import { manage } from './invoke.ts'

export function registerDisconnect(program: Command, { stack, print }: CommandContext): void {
  withByOption(program.command('disconnect <project>'))
    .description('undo the configuration of a project, and delete its role ARN and external id')
    .action(async (project: string, { by }: { by: string }) => {
      const { disconnected, takenBack } = await manage(stack(), { do: 'disconnect', by, project }, DisconnectAnswer)
      print(disconnected ? `${project} disconnected.` : `${project} was not connected.`)
      for (const remaining of takenBack) print(`not removed from the customer's account: ${remaining}`)
    })
}
