/**
 * `sesame configure`: configures the customer's account and our side so that bounces and complaints arrive.
 */
import type { Command } from 'commander'
import { ConfigureAnswer } from '../operations/answers.ts'
import { type CommandContext, withByOption } from './command-context.ts'
import { manage } from './invoke.ts'

const topicsOf = { ours: 'our topics', customer: "a topic in the customer's account" } as const

export function registerConfigure(program: Command, { stack, print }: CommandContext): void {
  withByOption(program.command('configure <project>'))
    .description('configure the account to send bounces and complaints to Sesame (idempotent)')
    .option('--default-for <identity...>', 'identities to make this the default configuration set for')
    .action(async (project: string, { by, defaultFor }: { by: string; defaultFor?: string[] }) => {
      const request = { do: 'configure', by, project, defaultFor }
      const { topics, refused, done, remaining, defaults } = await manage(stack(), request, ConfigureAnswer)
      if (refused !== undefined) print(`${refused}. SES publishes to a topic in the customer's account instead.`)
      for (const repair of done) print(repair)
      for (const { identity, outcome, set } of defaults)
        print(`${identity}: ${outcome}${set ? ` (${set}), which is kept` : ''}`)
      for (const { text } of remaining) print(`not repaired: ${text}`)
      if (done.length === 0 && remaining.length === 0)
        print(`${project} is configured with ${topicsOf[topics]}: nothing to do.`)
      if (remaining.length > 0) process.exitCode = 1
    })
}
