/**
 * `sesame attach`: stores the role that the customer created, if the proof passes for it.
 */
import type { Command } from 'commander'
import { AttachAnswer } from '../operations/answers.ts'
import { checklist, printCheckup } from './checklist.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withByOption, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { manage } from './invoke.ts'

export function registerAttach(program: Command, context: CommandContext): void {
  const { stack, print } = context
  withOutputOption(withByOption(program.command('attach <project> <role-arn>')))
    .description("check the customer's role step by step, and store it if all checks pass")
    .action(async (project: string, roleArn: string, { by, ...options }: OutputOptions & { by: string }) => {
      const { attached, ...result } = await manage(stack(), { do: 'attach', by, project, roleArn }, AttachAnswer)
      if (!attached) exitWith(exitCodes.failed)
      if (options.output !== 'table') return printCheckup(context, options, result, { attached })
      await print(`${checklist(result, { width: context.width })}\n`)
      await print(attached ? `${roleArn} is attached to ${project}.` : `${roleArn} was not stored: ${result.why ?? ''}`)
    })
}
