/**
 * `sesame connect`: creates or changes the connection of a project.
 */
import type { Command } from 'commander'
import { ConnectAnswer } from '../operations/answers.ts'
import { features, topicOwners } from '../projects/connection.ts'
import { type CommandContext, withByOption } from './command-context.ts'
import { manage } from './invoke.ts'
import { onboardingText } from './onboarding.ts'

type Options = { account: string; region?: string; topics?: string; features?: string[]; by: string }

export function registerConnect(program: Command, { stack, print }: CommandContext): void {
  withByOption(program.command('connect <project>'))
    .description('create or change the connection of a project, and print what the customer creates the role with')
    .requiredOption('--account <id>', "the customer's AWS account")
    .option('--region <name>', "region of the customer's SES (default: the region that Sesame runs in)")
    .option(
      '--topics <owner>',
      `who owns the topics that SES publishes to: ${topicOwners.join(' or ')} (default: ours)`,
    )
    .option('--features <name...>', `features that the role allows: ${features.join(', ')} (default: all)`)
    .action(async (project: string, { by, ...settings }: Options) => {
      const answer = await manage(stack(), { do: 'connect', by, project, ...settings }, ConnectAnswer)
      const { account, region, externalId, state } = answer.connection
      print(`${project} is connected to ${account} in ${region}: ${state}.`)
      print(`external id  ${externalId}`)
      if (answer.onboarding) print(onboardingText(answer.onboarding))
    })
}
