/**
 * `sesame replay`: sends events through the functions that record them once more.
 *
 * The events come from the dead-letter queues, or from files, folders and standard input (from an archive, for example). Each event
 * runs under the role of its function. Recording is idempotent, so events that were recorded before change nothing. A dead letter is
 * deleted from its queue only after its function has succeeded.
 */
import type { Command } from 'commander'
import * as v from 'valibot'
import { concurrently } from '../concurrently.ts'
import { readEvent } from '../intake/read-event.ts'
import { recordsOf } from '../intake/records-of.ts'
import type { CommandContext } from './command-context.ts'
import { confirmed, type OutputOptions, withOutputOption, withYesOption, type YesOption } from './common-options.ts'
import { createDeadLetters } from './dead-letters.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { concernsEveryCall, explainError } from './explain-error.ts'
import { readPayloads } from './input.ts'
import { FunctionFailedError, invoke } from './invoke.ts'
import { type Column, createRowPrinter } from './output.ts'
import { printableLine } from './printable.ts'
import { type FeedbackFunction, feedbackFunctions, type StackAccess } from './stack.ts'

/** A document of a file, or a dead letter. A dead letter of a function's own queue names the function. */
type ReplayItem = {
  readonly source: string
  readonly payload?: unknown
  readonly error?: unknown
  readonly feedbackFunction?: FeedbackFunction
  readonly remove?: () => Promise<unknown>
  readonly release?: () => Promise<unknown>
}

type ReplayResult = { readonly outcome: 'applied' | 'ignored' | 'failed'; readonly why: string }

/** Concurrent invocations: well below the concurrency limit of a new AWS account. */
const maxInvocations = 8

type Printed = ReplayResult & { readonly source: string }

const columns: readonly Column<Printed>[] = [
  ['source', ({ source }) => source],
  ['outcome', ({ outcome }) => outcome],
  ['why', ({ why }) => why],
]

export function registerReplay(program: Command, context: CommandContext): void {
  const { stack, print } = context
  withYesOption(withOutputOption(program.command('replay [paths...]')))
    .description(
      'replay all dead letters, or events from files, folders or standard input (-), through the functions that record them',
    )
    .action(async (paths: string[], options: OutputOptions & YesOption) => {
      if (paths.length === 0)
        await confirmed(
          context,
          options,
          'All dead letters are replayed, and deleted from their queues if they are applied or ignored.',
        )
      const access = stack()
      context.progress?.('reading …')
      const items = paths.length > 0 ? readPayloads(paths) : deadLetterItems(access)
      const printer = createRowPrinter(context, options, columns)
      const tally = await replayAll(access, items, async (source, result, counted) => {
        const { outcome, why } = result
        context.progress?.(`${counted.total()} replayed, ${counted.count('failed')} failed`)
        if (options.output !== 'table') await printer.add({ source, ...result })
        else if (outcome === 'failed') await print(printableLine(`failed  ${source}: ${why}`))
      })
      if (options.output === 'table') await print(tally.report())
      else await printer.end('')
      if (tally.count('failed') > 0) exitWith(exitCodes.failed)
    })
}

type Show = (source: string, result: ReplayResult, tally: ReturnType<typeof createTally>) => Promise<unknown>

/** Replays items side by side. An item that failed stays where it is. @throws an error that concerns every item, such as missing credentials */
export async function replayAll(stack: StackAccess, items: AsyncIterable<ReplayItem>, show: Show) {
  const tally = createTally()
  const failedItems: ReplayItem[] = []
  try {
    await concurrently(items, maxInvocations, async (item) => {
      // Until it has succeeded, it counts as failed: an error that ends the work must not keep it from others.
      failedItems.push(item)
      const results = await replayItem(stack, item)
      for (const result of results) {
        tally.add(result)
        await show(item.source, result, tally)
      }
      if (results.some(({ outcome }) => outcome === 'failed')) return
      failedItems.splice(failedItems.indexOf(item), 1)
      await item.remove?.()
    })
  } finally {
    await Promise.allSettled(failedItems.map((item) => item.release?.()))
  }
  return tally
}

async function* deadLetterItems({ sqs, deadLetterQueueOf, undeliveredQueue }: StackAccess): AsyncGenerator<ReplayItem> {
  for (const feedbackFunction of feedbackFunctions) {
    const queue = await createDeadLetters(sqs, deadLetterQueueOf(feedbackFunction))
    for await (const message of queue.messages()) yield { ...message, feedbackFunction }
  }
  yield* (await createDeadLetters(sqs, undeliveredQueue)).messages()
}

/** Invokes the function for each record of an item. A failure is a result, not an error, and does not affect the other records. */
export async function replayItem(
  stack: StackAccess,
  { payload, error, feedbackFunction }: ReplayItem,
): Promise<ReplayResult[]> {
  if (error !== undefined) return [failed(error)]
  try {
    const results: ReplayResult[] = []
    await concurrently(recordsOf(payload).entries(), maxInvocations, async ([i, record]) => {
      results[i] = await replayRecord(stack, feedbackFunction, record)
    })
    return results
  } catch (cause) {
    if (concernsEveryCall(cause)) throw cause
    return [failed(cause)]
  }
}

/** Both functions accept either kind of event; this is the choice that the topics make. */
const functionFor = (record: unknown): FeedbackFunction =>
  readEvent(record).type === 'Complaint' ? 'record-complaint' : 'record-bounce'

async function replayRecord(
  stack: StackAccess,
  feedbackFunction: FeedbackFunction | undefined,
  record: unknown,
): Promise<ReplayResult> {
  try {
    const { outcomes } = await invoke(
      stack,
      feedbackFunction ?? functionFor(record),
      { Records: [record] },
      OutcomesAnswer,
    )
    const outcome = outcomes[0]?.outcome ?? 'ignored: the function returned no outcome'
    return outcome === 'recorded'
      ? { outcome: 'applied', why: '' }
      : { outcome: 'ignored', why: outcome.replace(/^ignored: /, '') }
  } catch (error) {
    if (concernsEveryCall(error)) throw error
    return failed(error)
  }
}

const OutcomesAnswer = v.object({ outcomes: v.array(v.object({ outcome: v.string() })) })

const failed = (error: unknown): ReplayResult => ({
  outcome: 'failed',
  why: error instanceof FunctionFailedError ? error.why : explainError(error),
})

/** Counts results by outcome and reason. It keeps no results, since an archive may hold millions of events. */
function createTally() {
  const counts = new Map<string, number>()
  let total = 0
  const count = (outcome: string) => [...counts].reduce((sum, [key, n]) => (key.startsWith(outcome) ? sum + n : sum), 0)
  return {
    add({ outcome, why }: ReplayResult): void {
      total++
      const key = outcome === 'ignored' ? `${outcome}: ${why}` : outcome
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    total: () => total,
    count,
    report: () =>
      ['applied', 'ignored', 'failed']
        .flatMap((outcome) => [
          `${outcome.padEnd(8)} ${count(outcome)}`,
          ...[...counts]
            .filter(([key]) => key.startsWith(`${outcome}: `))
            .map(([key, n]) => `         ${n} ${key.slice(outcome.length + 2)}`),
        ])
        .join('\n'),
  }
}
