/**
 * `sesame dead-letters list | show | drop | replay`: events that could not be recorded, by cause and project.
 *
 * SQS offers no way to look at a message without receiving it. So each command receives the messages, which hides them from others for
 * some minutes, and makes visible again at once what it neither deleted nor replayed.
 */
import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { confirmed, type OutputOptions, withOutputOption, withYesOption, type YesOption } from './common-options.ts'
import { letterReaderOf, type ReadLetter, readLetter } from './dead-letter.ts'
import { createDeadLetters } from './dead-letters.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { type Column, printOne, printRows } from './output.ts'
import { printableLine } from './printable.ts'
import { replayAll } from './replay.ts'
import { feedbackFunctions, type StackAccess } from './stack.ts'
import { UsageError } from './usage-error.ts'

type Selection = { readonly cause?: string; readonly project?: string }
type Options = OutputOptions & YesOption & Selection

/** Letters with the same cause and project. */
type Group = {
  readonly cause: string
  readonly project: string | undefined
  readonly queue: string
  readonly letters: readonly ReadLetter[]
}

const groupColumns: readonly Column<Group>[] = [
  ['count', ({ letters }) => letters.length],
  ['project', ({ project }) => project ?? '-'],
  ['cause', ({ cause }) => cause],
  ['oldest', ({ letters }) => oldestOf(letters)],
  ['queue', ({ queue }) => queue],
  ['one of them', ({ letters }) => letters[0]?.id],
]

const letterColumns: readonly Column<ReadLetter>[] = [
  ['id', ({ id }) => id],
  ['project', ({ project }) => project ?? '-'],
  ['event', ({ event }) => event],
  ['cause', ({ cause }) => cause],
  ['since', ({ at }) => at],
  ['queue', ({ queue }) => queue],
]

export function registerDeadLetters(program: Command, context: CommandContext): void {
  const { stack, print } = context
  const deadLetters = program
    .command('dead-letters')
    .description('show, replay or delete events that could not be recorded')

  withSelection(withOutputOption(deadLetters.command('list', { isDefault: true })))
    .description('list the dead letters by cause and project; --each lists every one')
    .option('--each', 'one row per dead letter')
    .action(async ({ each, ...options }: Options & { each?: true }) => {
      const letters = await lookAt(context, stack(), options)
      const none = 'There is no dead letter.'
      if (each) return printRows(context, options, { columns: letterColumns, rows: letters, none, jsonOf: factsOf })
      await printRows(context, options, { columns: groupColumns, rows: groupsOf(letters), none, jsonOf: groupFactsOf })
    })

  withOutputOption(deadLetters.command('show <id>'))
    .description('show one dead letter with its content')
    .action(async (id: string, options: OutputOptions) => {
      const [row] = await lookAt(context, stack(), {}, [id])
      if (row === undefined) throw noSuchLetter([id])
      const shown = { ...factsOf(row), content: row.content }
      const text = JSON.stringify(shown, undefined, 2)
      await printOne(context, options, { columns: letterColumns, row, text, jsonOf: () => shown })
    })

  withYesOption(withSelection(withOutputOption(deadLetters.command('drop [ids...]'))))
    .description('delete dead letters that need no replay: by id, by cause, or by project')
    .action(async (ids: string[], options: Options) => {
      if (ids.length === 0 && options.cause === undefined && options.project === undefined)
        throw new UsageError('Name the dead letters by id, --cause or --project')
      await confirmed(context, options, `The dead letters are deleted, and their events are lost.`)
      const dropped = await take(context, stack(), { ids, ...options }, (letter) => letter.remove())
      await printRows(context, options, {
        columns: letterColumns,
        rows: dropped,
        none: 'No dead letter matches.',
        jsonOf: factsOf,
      })
      if (options.output === 'table') await print(`dropped ${dropped.length}`)
      if (dropped.length < ids.length || dropped.length === 0) exitWith(exitCodes.failed)
    })

  withYesOption(withSelection(withOutputOption(deadLetters.command('replay [ids...]'))))
    .description('replay dead letters: by id, by cause, by project, or all of them')
    .action(async (ids: string[], options: Options) => {
      if (ids.length === 0 && options.cause === undefined && options.project === undefined)
        await confirmed(
          context,
          options,
          'All dead letters are replayed, and deleted from their queues if they are applied or ignored.',
        )
      const access = stack()
      const letters = await receive(context, access, { ids, ...options })
      const results: { id: string; outcome: string; why: string }[] = []
      const byId = new Map(letters.map((letter) => [letter.source, letter.id]))
      const tally = await replayAll(access, asItems(letters), async (source, { outcome, why }) => {
        results.push({ id: byId.get(source) ?? source, outcome, why })
      })
      const columns: readonly Column<(typeof results)[number]>[] = [
        ['id', ({ id }) => id],
        ['outcome', ({ outcome }) => outcome],
        ['why', ({ why }) => why],
      ]
      await printRows(context, options, { columns, rows: results, none: 'No dead letter matches.' })
      if (options.output === 'table')
        await print(printableLine(`${tally.total()} replayed, ${tally.count('failed')} failed`))
      if (tally.count('failed') > 0 || letters.length < ids.length) exitWith(exitCodes.failed)
    })
}

const withSelection = (command: Command): Command =>
  command
    .option('--cause <text>', 'only those whose cause contains this text')
    .option('--project <project>', 'only those of this project; - for events that no project owns')

async function* asItems(letters: readonly ReadLetter[]) {
  for (const { feedbackFunction, ...letter } of letters)
    yield feedbackFunction ? { ...letter, feedbackFunction } : letter
}

type Wanted = Selection & { readonly ids?: readonly string[] }

/** Receives all dead letters, keeps those that are wanted, and makes the others visible again. */
async function receive({ progress }: CommandContext, access: StackAccess, wanted: Wanted): Promise<ReadLetter[]> {
  const { sqs, deadLetterQueueOf, undeliveredQueue } = access
  const reader = letterReaderOf(access)
  const kept = new Map<string, ReadLetter>()
  const others: ReadLetter[] = []
  try {
    for (const name of [...feedbackFunctions.map(deadLetterQueueOf), undeliveredQueue]) {
      progress?.(`reading the queue ${name} …`)
      for await (const message of (await createDeadLetters(sqs, name)).messages()) {
        const letter = await readLetter(reader, message)
        if (isWanted(letter, wanted)) kept.set(letter.source, letter)
        else others.push(letter)
      }
    }
  } catch (error) {
    await release([...kept.values()])
    throw error
  } finally {
    await release(others)
  }
  return [...kept.values()]
}

/** A letter that cannot be released becomes visible by itself after some minutes. */
const release = (letters: readonly ReadLetter[]) => Promise.allSettled(letters.map((letter) => letter.release()))

function isWanted({ id, cause, project }: ReadLetter, wanted: Wanted): boolean {
  if (wanted.ids !== undefined && wanted.ids.length > 0 && !wanted.ids.includes(id)) return false
  if (wanted.cause !== undefined && !cause.toLowerCase().includes(wanted.cause.toLowerCase())) return false
  return wanted.project === undefined || wanted.project === (project ?? '-')
}

/** The letters, without taking them from their queues. */
async function lookAt(context: CommandContext, access: StackAccess, selection: Selection, ids?: readonly string[]) {
  const letters = await receive(context, access, { ...selection, ...(ids && { ids }) })
  await release(letters)
  return letters
}

/** Does something with each letter that takes it from its queue. */
async function take(
  context: CommandContext,
  access: StackAccess,
  wanted: Wanted,
  work: (letter: ReadLetter) => Promise<unknown>,
): Promise<ReadLetter[]> {
  const letters = await receive(context, access, wanted)
  const done: ReadLetter[] = []
  try {
    for (const letter of letters) {
      await work(letter)
      done.push(letter)
    }
  } finally {
    await release(letters.filter((letter) => !done.includes(letter)))
  }
  return done
}

const groupsOf = (letters: readonly ReadLetter[]): Group[] =>
  [...Map.groupBy(letters, ({ cause, project, queue }) => JSON.stringify([cause, project, queue])).values()]
    .flatMap((group) => {
      const [first] = group
      return first ? [{ cause: first.cause, project: first.project, queue: first.queue, letters: group }] : []
    })
    .sort((a, b) => b.letters.length - a.letters.length)

function oldestOf(letters: readonly ReadLetter[]): Date | undefined {
  const times = letters.flatMap(({ at }) => (at ? [at.getTime()] : []))
  return times.length === 0 ? undefined : new Date(Math.min(...times))
}

const factsOf = ({ id, queue, at, cause, project, event }: ReadLetter) => ({ id, queue, at, cause, project, event })
const groupFactsOf = ({ cause, project, queue, letters }: Group) => ({
  count: letters.length,
  project,
  cause,
  oldest: oldestOf(letters),
  queue,
  ids: letters.map(({ id }) => id),
})

const noSuchLetter = (ids: readonly string[]) =>
  new UsageError(`There is no dead letter ${ids.join(', ')}. List them with sesame dead-letters list --each`)
