/** `sesame hold | resume`: stops the mail of a project, or lets it be sent again. The API refuses every recipient of a held project. */
import type { Command } from 'commander'
import type * as v from 'valibot'
import { HoldAnswer } from '../operations/answers.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, positiveNumber, reason, withByOption, withOutputOption } from './common-options.ts'
import { manage } from './invoke.ts'
import { type Column, printOne } from './output.ts'
import { printableLine } from './printable.ts'

type Options = OutputOptions & { readonly why: string; readonly hours?: number; readonly by: string }
type State = v.InferOutput<typeof HoldAnswer>

const columns: readonly Column<State>[] = [
  ['held by', ({ holds }) => holds.map(({ cause }) => cause).join(', ')],
  ['why', ({ holds }) => holds[0]?.why],
  ['since', ({ holds }) => holds[0]?.since],
  ['until', ({ holds }) => holds[0]?.until],
  ['resumed at', ({ resumedAt }) => resumedAt],
  ['rates hold nothing before', ({ overriddenUntil }) => overriddenUntil],
]

export function registerHolds(program: Command, context: CommandContext): void {
  const { stack } = context
  const show = (options: OutputOptions, row: State, text: string) => printOne(context, options, { columns, row, text })

  withOutputOption(withByOption(program.command('hold <project>')))
    .description('stop the mail of a project: the API refuses every recipient')
    .requiredOption('--why <reason>', 'reason in words, which applications read', reason)
    .option('--hours <number>', 'end the hold after so many hours (default: until sesame resume)', positiveNumber)
    .action(async (project: string, { why, hours, by, ...options }: Options) => {
      const state = await manage(stack(), { do: 'hold-project', by, project, why, hours }, HoldAnswer)
      const until = state.holds[0]?.until
      await show(options, state, printableLine(`${project} is held${until ? ` until ${until}` : ''}: ${why}`))
    })

  withOutputOption(withByOption(program.command('resume <project>')))
    .description('send the mail of a held project again; its rates count from now on')
    .requiredOption('--why <reason>', 'reason in words', reason)
    .option('--hours <number>', 'let rates hold nothing for so many hours (default: 24)', positiveNumber)
    .action(async (project: string, { why, hours, by, ...options }: Options) => {
      const state = await manage(stack(), { do: 'resume-project', by, project, why, hours }, HoldAnswer)
      const text = `${project} is resumed. Its rates count from now on, and hold nothing before ${state.overriddenUntil}.`
      await show(options, state, text)
    })
}
