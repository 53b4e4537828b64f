/**
 * `sesame rotate`: gives a connection a second external id.
 */
import type { Command } from 'commander'
import { ConnectAnswer } from '../operations/answers.ts'
import { type CommandContext, withByOption } from './command-context.ts'
import { manage } from './invoke.ts'
import { onboardingText } from './onboarding.ts'

export function registerRotate(program: Command, { stack, print }: CommandContext): void {
  withByOption(program.command('rotate <project>'))
    .description('create a second external id; the old id is retired once the role requires the new one')
    .action(async (project: string, { by }: { by: string }) => {
      const { connection, onboarding } = await manage(stack(), { do: 'rotate', by, project }, ConnectAnswer)
      print(`Both external ids of ${project} are valid until the customer's role requires the new one.`)
      print(`external id  ${connection.nextExternalId ?? connection.externalId}`)
      if (onboarding) print(onboardingText(onboarding))
    })
}
