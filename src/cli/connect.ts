/**
 * `sesame connect | rotate | disconnect | changes`: a project's way into its SES account.
 */
import type { Command } from 'commander'
import * as v from 'valibot'
import { features, topicOwners } from '../projects/connection.ts'
import { columnsOf } from './columns.ts'
import { manage, withBy } from './manage.ts'
import type { Open } from './open.ts'

type Options = { account: string; region?: string; topics?: string; features?: string[]; by: string }

export function registerConnect(program: Command, { stack, print }: Open): void {
  withBy(program.command('connect <project>'))
    .description("make a project's connection, or change it, and print what the customer makes the role with")
    .requiredOption('--account <id>', "the customer's AWS account")
    .option('--region <name>', 'where its SES is; default: the region that Sesame runs in')
    .option('--topics <whose>', `whose topics SES publishes to: ${topicOwners.join(' or ')}; default: ours`)
    .option('--features <name...>', `what the role is to allow: ${features.join(', ')}; default: all`)
    .action(async (project: string, { by, ...settings }: Options) => {
      const answer = await manage(stack(), { do: 'connect', by, project, ...settings }, Connected)
      const { account, region, externalId, state } = answer.connection
      print(`${project} is connected to ${account} in ${region}: ${state}.`)
      print(`external id  ${externalId}`)
      printOnboarding(answer.onboarding, print)
    })

  withBy(program.command('rotate <project>'))
    .description('give a project a second external id: the first is retired when the role asks for the second')
    .action(async (project: string, { by }: { by: string }) => {
      const { connection, onboarding } = await manage(stack(), { do: 'rotate', by, project }, Connected)
      print(`Both external ids of ${project} are valid until the customer's role asks for the second.`)
      print(`external id  ${connection.nextExternalId ?? connection.externalId}`)
      printOnboarding(onboarding, print)
    })

  withBy(program.command('configure <project>'))
    .description(
      'set up, in the SES account and on our side, what brings bounces and complaints here; repeat it at will',
    )
    .option('--default-for <identity...>', 'identities whose mail uses it unless it names another configuration set')
    .action(async (project: string, { by, defaultFor }: { by: string; defaultFor?: string[] }) => {
      const configured = await manage(stack(), { do: 'configure', by, project, defaultFor }, Configured)
      const { topics, refused, done, left, defaults } = configured
      if (refused !== undefined) print(`${refused}. So it publishes to a topic of the customer's own.`)
      for (const one of done) print(one)
      for (const one of defaults) print(`${one.identity}: ${one.outcome}${one.set ? ` (${one.set}), which stays` : ''}`)
      for (const { text } of left) print(`not as it should be: ${text}`)
      if (done.length === 0 && left.length === 0) print(`${project} is set up, by ${whose[topics]}: nothing to do.`)
      if (left.length > 0) process.exitCode = 1
    })

  withBy(program.command('disconnect <project>'))
    .description('take back what was set up for a project, and forget its role and external id')
    .action(async (project: string, { by }: { by: string }) => {
      const { disconnected, takenBack } = await manage(stack(), { do: 'disconnect', by, project }, Disconnected)
      print(disconnected ? `${project} disconnected.` : `${project} was not connected.`)
      for (const one of takenBack) print(`left in the customer's account: ${one}`)
    })

  program
    .command('changes <project>')
    .description('who changed what in the settings of a project, and when; oldest first')
    .option('--json', 'one JSON object a line', false)
    .action(async (project: string, { json }: { json: boolean }) => {
      const rows: string[][] = []
      for await (const change of stack().changes.of(project)) {
        const { at, by, what, fields } = change
        if (json) print(JSON.stringify(change))
        else rows.push([at.toISOString(), by, what, words(fields)])
      }
      if (!json) print(columnsOf([['when', 'who', 'what', 'set to'], ...rows]))
    })
}

function printOnboarding(onboarding: Onboarding | undefined, print: Open['print']): void {
  if (!onboarding) return
  print(`\nLink, until ${onboarding.expires}:\n${onboarding.link}`)
  print(`\nor, in a shell with the customer's credentials:\n${onboarding.command}`)
  print(`\nor, in Terraform:\n${onboarding.terraform}`)
}

const words = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ')

/** As src/access/role/onboarding.ts makes it, dates as JSON has them. */
const Onboarding = v.object({ link: v.string(), expires: v.string(), command: v.string(), terraform: v.string() })
type Onboarding = v.InferOutput<typeof Onboarding>

const Connected = v.object({
  connection: v.object({
    account: v.string(),
    region: v.string(),
    externalId: v.string(),
    nextExternalId: v.optional(v.string()),
    state: v.string(),
  }),
  onboarding: v.optional(Onboarding),
})
const Disconnected = v.object({ disconnected: v.boolean(), takenBack: v.optional(v.array(v.string()), []) })

const whose = { ours: 'our topics', customer: "a topic of the customer's own" } as const
const Configured = v.object({
  topics: v.picklist(topicOwners),
  refused: v.optional(v.string()),
  done: v.array(v.string()),
  left: v.array(v.object({ text: v.string() })),
  defaults: v.array(v.object({ identity: v.string(), outcome: v.string(), set: v.optional(v.string()) })),
})
