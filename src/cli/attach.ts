/**
 * `sesame attach`: stores the role that the customer created, if the proof passes for it.
 */
import type { Command } from 'commander'
import { AttachAnswer } from '../operations/answers.ts'
import { checklist } from './checklist.ts'
import { type CommandContext, withByOption } from './command-context.ts'
import { manage } from './invoke.ts'

export function registerAttach(program: Command, { stack, print }: CommandContext): void {
  withByOption(program.command('attach <project> <role-arn>'))
    .description("check the customer's role step by step, and store it if all checks pass")
    .action(async (project: string, roleArn: string, { by }: { by: string }) => {
      const { attached, ...result } = await manage(stack(), { do: 'attach', by, project, roleArn }, AttachAnswer)
      print(`${checklist(result)}\n`)
      print(attached ? `${roleArn} is attached to ${project}.` : `${roleArn} was not stored: ${result.why ?? ''}`)
      if (!attached) process.exitCode = 1
    })
}
