/**
 * `sesame rotate`: gives a connection a second external id.
 */
import { type Command, Option } from 'commander'
import { ConnectAnswer } from '../operations/answers.ts'
import type { CommandContext } from './command-context.ts'
import {
  confirmed,
  type OutputOptions,
  withByOption,
  withOutputOption,
  withYesOption,
  type YesOption,
} from './common-options.ts'
import { manage } from './invoke.ts'
import { type OnboardingForm, onboardingForms, printConnected } from './onboarding.ts'

type Options = OutputOptions & YesOption & { by: string; print?: OnboardingForm }

export function registerRotate(program: Command, context: CommandContext): void {
  withYesOption(withOutputOption(withByOption(program.command('rotate <project>'))))
    .description('create a second external id; the old id is retired once the role requires the new one')
    .addOption(new Option('--print <form>', 'print this form alone, ready for use').choices(onboardingForms))
    .action(async (project: string, { by, ...options }: Options) => {
      await confirmed(context, options, `The customer of ${project} must update the role with a new external id.`)
      const answer = await manage(context.stack(), { do: 'rotate', by, project }, ConnectAnswer)
      const { nextExternalId, externalId } = answer.connection
      await printConnected(context, options, answer, [
        `Both external ids of ${project} are valid until the customer's role requires the new one.`,
        `external id  ${nextExternalId ?? externalId}`,
      ])
    })
}
