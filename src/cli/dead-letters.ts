/**
 * `sesame dead-letters list | show | drop | replay`: events that could not be recorded, changes that could not be propagated and runs that
 * failed, by cause and project.
 *
 * The function manage-dead-letters takes them from their queues (src/operations/dead-letters.ts). It works in slices.
 */
import type { Command } from 'commander'
import type * as v from 'valibot'
import {
  DeadLetterAnswer,
  type DeadLetterFacts,
  DeadLettersAnswer,
  DropDeadLettersAnswer,
  ReplayDeadLettersAnswer,
} from '../operations/answers.ts'
import type { CommandContext } from './command-context.ts'
import {
  confirmed,
  type OutputOptions,
  reason,
  userName,
  withOutputOption,
  withYesOption,
  type YesOption,
} from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { requestOperation } from './invoke.ts'
import { type Column, printOne, printRows } from './output.ts'
import type { StackAccess } from './stack.ts'
import { UsageError } from './usage-error.ts'

type Letter = v.InferOutput<typeof DeadLetterFacts>
type Replayed = v.InferOutput<typeof ReplayDeadLettersAnswer>['results'][number]

/** Which letters; all of them without any field. */
export type Selection = {
  readonly ids?: readonly string[] | undefined
  readonly queue?: string | undefined
  readonly cause?: string | undefined
  readonly project?: string | undefined
}
type Options = OutputOptions & YesOption & Selection

/** Letters with the same cause and project. */
type Group = Pick<Letter, 'cause' | 'project' | 'queue'> & { readonly letters: readonly Letter[] }

const groupColumns: readonly Column<Group>[] = [
  ['count', ({ letters }) => letters.length],
  ['project', ({ project }) => project ?? '-'],
  ['cause', ({ cause }) => cause],
  ['oldest', ({ letters }) => oldestOf(letters)],
  ['queue', ({ queue }) => queue],
  ['one of them', ({ letters }) => letters[0]?.id],
]

const letterColumns: readonly Column<Letter>[] = [
  ['id', ({ id }) => id],
  ['project', ({ project }) => project ?? '-'],
  ['event', ({ event }) => event],
  ['cause', ({ cause }) => cause],
  ['since', ({ at }) => new Date(at)],
  ['queue', ({ queue }) => queue],
]

const replayedColumns: readonly Column<Replayed>[] = [
  ['id', ({ id }) => id],
  ['project', ({ project }) => project ?? '-'],
  ['outcome', ({ outcome }) => outcome],
  ['why', ({ why }) => why],
]

const none = 'There is no dead letter.'
const noneMatches = 'No dead letter matches. List them with sesame dead-letters list --each'

export function registerDeadLetters(program: Command, context: CommandContext): void {
  const deadLetters = program
    .command('dead-letters')
    .description('show, replay or delete events that could not be recorded')

  withSelection(withOutputOption(deadLetters.command('list', { isDefault: true })))
    .description('list the dead letters by cause and project')
    .option('--each', 'one row per dead letter')
    .action((options: Options & { each?: true }) => list(context, options))

  withOutputOption(deadLetters.command('show <id>'))
    .description('show one dead letter with its content')
    .action((id: string, options: OutputOptions) => show(context, id, options))

  withYesOption(withSelection(withOutputOption(deadLetters.command('drop [ids...]'))))
    .description('delete dead letters that need no replay: by id, cause, project or queue')
    .option('--why <text>', 'reason without an address, kept in the log of the function', reason)
    .action((ids: string[], options: Options & { why?: string }) => drop(context, ids, options))

  withYesOption(withSelection(withOutputOption(deadLetters.command('replay [ids...]'))))
    .description('replay dead letters: by id, cause, project or queue, or all of them')
    .action((ids: string[], options: Options) => replay(context, ids, options))
}

async function list(context: CommandContext, { each, ...options }: Options & { each?: true }): Promise<void> {
  const access = context.stack()
  const letters: Letter[] = []
  const request = { do: 'list', ...selected(options) }
  await everySlice(context, async () => {
    const answer = await ask(access, { ...request, continue: true }, DeadLettersAnswer)
    letters.push(...answer.letters)
    return { more: answer.more, progress: `${letters.length} dead letters read` }
  })
  if (each) await printRows(context, options, { columns: letterColumns, rows: letters, none })
  else await printRows(context, options, { columns: groupColumns, rows: groupsOf(letters), none, jsonOf: factsOf })
}

async function show(context: CommandContext, id: string, options: OutputOptions): Promise<void> {
  const { letter } = await ask(context.stack(), { do: 'show', id }, DeadLetterAnswer)
  if (letter === undefined)
    throw new UsageError(
      `No queue has a dead letter ${id}, or somebody else reads it at this time. List them with sesame dead-letters list --each`,
    )
  const text = JSON.stringify(letter, undefined, 2)
  await printOne(context, options, { columns: letterColumns, row: letter, text })
}

async function drop(context: CommandContext, ids: string[], options: Options & { why?: string }): Promise<void> {
  const { why } = options
  const wanted = selected({ ...options, ids })
  if (Object.keys(wanted).length === 0)
    throw new UsageError('Name the dead letters by id, --cause, --project or --queue')
  await confirmed(context, options, 'The dead letters are deleted, and their events are lost.')
  const access = context.stack()
  const rows: Letter[] = []
  await everySlice(context, async () => {
    const { dropped, more } = await ask(
      access,
      { do: 'drop', ...wanted, ...(why !== undefined && { why }) },
      DropDeadLettersAnswer,
    )
    rows.push(...dropped)
    return { more, progress: `${rows.length} dropped` }
  })
  await printRows(context, options, { columns: letterColumns, rows, none: noneMatches })
  if (options.output === 'table' && rows.length > 0) await context.print(`dropped ${rows.length}`)
  if (rows.length < Math.max(ids.length, 1)) exitWith(exitCodes.failed)
}

async function replay(context: CommandContext, ids: string[], options: Options): Promise<void> {
  const wanted = selected({ ...options, ids })
  if (Object.keys(wanted).length === 0) await confirmed(context, options, replayConsequence)
  const rows: Replayed[] = []
  await replayDeadLetters(context, context.stack(), wanted, async (result) => void rows.push(result))
  await printRows(context, options, { columns: replayedColumns, rows, none: noneMatches })
  const replayed = new Set(rows.map(({ id }) => id))
  if (rows.some(({ outcome }) => outcome === 'failed') || ids.some((id) => !replayed.has(id)))
    exitWith(exitCodes.failed)
}

export const replayConsequence =
  'All dead letters are replayed, and deleted from their queues if they are applied or ignored.'

/** Replays the selected letters through their functions, all of them if none is named. A letter that fails stays in its queue. */
export async function replayDeadLetters(
  context: CommandContext,
  access: StackAccess,
  wanted: Selection,
  show: (result: Replayed) => Promise<void>,
): Promise<void> {
  const request = { do: 'replay', ...(Object.keys(wanted).length === 0 ? { all: true } : wanted) }
  let count = 0
  await everySlice(context, async () => {
    const { results, more } = await ask(access, request, ReplayDeadLettersAnswer)
    count += results.length
    for (const result of results) await show(result)
    return { more, progress: `${count} replayed` }
  })
}

const withSelection = (command: Command): Command =>
  command
    .option('--cause <text>', 'only those whose cause contains this text')
    .option('--project <project>', 'only those of this project; - for events that no project owns')
    .option('--queue <function>', 'only those of the queue of this function; connected for what SNS could not deliver')

/** The fields that were given. */
function selected({ ids = [], queue, cause, project }: Selection): Selection {
  return {
    ...(ids.length > 0 && { ids }),
    ...(queue !== undefined && { queue }),
    ...(cause !== undefined && { cause }),
    ...(project !== undefined && { project }),
  }
}

type Slice = { readonly more: boolean; readonly progress: string }

async function everySlice({ progress }: CommandContext, work: () => Promise<Slice>): Promise<void> {
  progress?.('reading the queues …')
  for (;;) {
    const { more, progress: reached } = await work()
    progress?.(reached)
    if (!more) return
  }
}

const ask = <Schema extends v.GenericSchema>(
  access: StackAccess,
  request: { readonly do: string; readonly [field: string]: unknown },
  answer: Schema,
): Promise<v.InferOutput<Schema>> =>
  requestOperation(access, 'manage-dead-letters', { by: userName(), ...request }, answer)

const groupsOf = (letters: readonly Letter[]): Group[] =>
  [...Map.groupBy(letters, ({ cause, project, queue }) => JSON.stringify([cause, project, queue])).values()]
    .flatMap((group) => {
      const [first] = group
      return first ? [{ cause: first.cause, project: first.project, queue: first.queue, letters: group }] : []
    })
    .sort((a, b) => b.letters.length - a.letters.length)

const oldestOf = (letters: readonly Letter[]): Date | undefined =>
  letters.length === 0 ? undefined : new Date(Math.min(...letters.map(({ at }) => new Date(at).getTime())))

const factsOf = ({ cause, project, queue, letters }: Group) => ({
  count: letters.length,
  project,
  cause,
  oldest: oldestOf(letters),
  queue,
  ids: letters.map(({ id }) => id),
})
