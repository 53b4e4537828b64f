/**
 * `sesame connect`: creates or changes the connection of a project.
 */
import { type Command, Option } from 'commander'
import { ConnectAnswer } from '../operations/answers.ts'
import { defaultFeatures, features, topicOwners } from '../projects/connection.ts'
import type { CommandContext } from './command-context.ts'
import { listedOf, type OutputOptions, withByOption, withOutputOption } from './common-options.ts'
import { manage } from './invoke.ts'
import { type OnboardingForm, onboardingForms, printConnected } from './onboarding.ts'
import type { StackAccess } from './stack.ts'
import { UsageError } from './usage-error.ts'

type Options = OutputOptions & {
  account?: string
  region?: string
  topics?: string
  features?: string[]
  newRole?: true
  print?: OnboardingForm
  by: string
}

export function registerConnect(program: Command, context: CommandContext): void {
  withOutputOption(withByOption(program.command('connect <project>')))
    .description('create or change the connection of a project, and print what the customer creates the role with')
    .option('--account <id>', "the customer's AWS account (default: the account of the project)")
    .option('--region <name>', "region of the customer's SES (default: the region that Sesame runs in)")
    .addOption(
      new Option('--topics <owner>', 'who owns the topics that SES publishes to (default: ours)').choices(topicOwners),
    )
    .option(
      '--features <name...>',
      `features that the role allows: ${features.join(', ')} (default: ${defaultFeatures.join(', ')})`,
      listedOf(features),
    )
    .option('--new-role', 'describe a new role beside the present one, to be attached in its place')
    .addOption(new Option('--print <form>', 'print this form alone, ready for use').choices(onboardingForms))
    .action(async (project: string, { by, print, output, account: given, ...settings }: Options) => {
      const access = context.stack()
      const account = given ?? (await knownAccount(access, project))
      const answer = await manage(access, { do: 'connect', by, project, account, ...settings }, ConnectAnswer)
      const { connection } = answer
      const head = `${project} is connected to ${connection.account} in ${connection.region}: ${connection.state}.`
      await printConnected(context, { output, print }, answer, [head, `external id  ${connection.externalId}`])
    })
}

/** The account of the connection, or that of the project. */
async function knownAccount({ connections, projects }: StackAccess, project: string): Promise<string> {
  const account = (await connections.find(project))?.account ?? (await projects.find(project))?.account
  if (account === undefined)
    throw new UsageError(`Project ${project} does not exist yet: name its account with --account`)
  return account
}
