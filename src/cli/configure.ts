/**
 * `sesame configure`: configures the customer's account and our side so that bounces and complaints arrive.
 */
import type { Command } from 'commander'
import type * as v from 'valibot'
import { ConfigureAnswer } from '../operations/answers.ts'
import type { CommandContext } from './command-context.ts'
import { listed, type OutputOptions, withByOption, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { manage } from './invoke.ts'
import { type Column, printRows } from './output.ts'

const topicsOf = { ours: 'our topics', customer: "a topic in the customer's account" } as const

type Configured = v.InferOutput<typeof ConfigureAnswer>
type Line = { readonly project: string; readonly outcome: string; readonly what: string }
type Options = OutputOptions & { by: string; defaultFor?: string[] }

const columns: readonly Column<Line>[] = [
  ['project', ({ project }) => project],
  ['outcome', ({ outcome }) => outcome],
  ['what', ({ what }) => what],
]

export function registerConfigure(program: Command, context: CommandContext): void {
  const { stack, print } = context
  withOutputOption(withByOption(program.command('configure <project>')))
    .description('configure the account to send bounces and complaints to Sesame (idempotent)')
    .option('--default-for <identity...>', 'identities to make this the default configuration set for', listed)
    .action(async (project: string, { by, defaultFor, ...options }: Options) => {
      const answer = await manage(stack(), { do: 'configure', by, project, defaultFor }, ConfigureAnswer)
      if (answer.remaining.length > 0 || answer.defaults.some(isUnsettled)) exitWith(exitCodes.failed)
      if (options.output === 'table') for (const line of sentencesOf(project, answer)) await print(line)
      else await printRows(context, options, { columns, rows: linesOf(project, answer), none: '' })
    })
}

/** The person named an identity for which nothing could be set. */
const isUnsettled = ({ outcome }: Configured['defaults'][number]) => outcome === 'no such identity'

const identityText = ({ identity, outcome, set }: Configured['defaults'][number]) =>
  `${identity}: ${outcome}${set ? ` (${set}), which is kept` : ''}`

function sentencesOf(project: string, { topics, refused, done, remaining, defaults }: Configured): string[] {
  const isSettled = done.length === 0 && remaining.length === 0
  return [
    ...(refused === undefined ? [] : [`${refused}. SES publishes to a topic in the customer's account instead.`]),
    ...done,
    ...defaults.map(identityText),
    ...remaining.map(({ text }) => `not repaired: ${text}`),
    ...(isSettled ? [`${project} is configured with ${topicsOf[topics]}: nothing to do.`] : []),
  ]
}

const linesOf = (project: string, { topics, done, remaining, defaults }: Configured): Line[] => [
  { project, outcome: 'configured with', what: topicsOf[topics] },
  ...done.map((what) => ({ project, outcome: 'repaired', what })),
  ...defaults.map((one) => ({ project, outcome: one.outcome, what: one.identity })),
  ...remaining.map(({ text }) => ({ project, outcome: 'not repaired', what: text })),
]
