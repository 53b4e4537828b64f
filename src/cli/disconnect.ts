/**
 * `sesame disconnect`: undoes the configuration of a project and deletes its connection.
 */
import type { Command } from 'commander'
import type * as v from 'valibot'
import { DisconnectAnswer } from '../operations/answers.ts'
import type { CommandContext } from './command-context.ts'
import {
  confirmed,
  type OutputOptions,
  withByOption,
  withOutputOption,
  withYesOption,
  type YesOption,
} from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { manage } from './invoke.ts'
import { type Column, printOne } from './output.ts'

type Disconnected = v.InferOutput<typeof DisconnectAnswer> & { readonly project: string }
type Options = OutputOptions & YesOption & { by: string }

const columns: readonly Column<Disconnected>[] = [
  ['project', ({ project }) => project],
  ['disconnected', ({ disconnected }) => String(disconnected)],
  ['not removed', ({ takenBack }) => takenBack.join('; ')],
]

export function registerDisconnect(program: Command, context: CommandContext): void {
  withYesOption(withOutputOption(withByOption(program.command('disconnect <project>'))))
    .description('undo the configuration of a project, and delete its role ARN and external id')
    .action(async (project: string, { by, ...options }: Options) => {
      await confirmed(
        context,
        options,
        `${project} loses its role ARN and its external id; to connect it again needs a new role.`,
      )
      const answer = await manage(context.stack(), { do: 'disconnect', by, project }, DisconnectAnswer)
      if (answer.takenBack.length > 0) exitWith(exitCodes.failed)
      const text = [
        answer.disconnected ? `${project} disconnected.` : `${project} was not connected.`,
        ...answer.takenBack.map((remaining) => `not removed from the customer's account: ${remaining}`),
      ].join('\n')
      await printOne(context, options, { columns, row: { project, ...answer }, text })
    })
}
