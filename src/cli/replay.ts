/**
 * `sesame replay`: sends events through the functions that record them once more.
 *
 * The events come from the dead-letter queues, or from files, folders and standard input (from an archive, for example). Each event
 * runs under the role of its function. Recording is idempotent, so events that were recorded before change nothing. A dead letter is
 * deleted from its queue only after its function has succeeded.
 */
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import * as v from 'valibot'
import { concurrently } from '../concurrently.ts'
import { readEvent } from '../intake/read-event.ts'
import { recordsOf } from '../intake/records-of.ts'
import type { CommandContext } from './command-context.ts'
import { createDeadLetters } from './dead-letters.ts'
import { readPayloads } from './input.ts'
import { FunctionFailedError, invoke } from './invoke.ts'
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

export function registerReplay(program: Command, { stack, print }: CommandContext): void {
  program
    .command('replay [paths...]')
    .description(
      'replay the dead letters, or events from files, folders or standard input (-), through the functions that record them',
    )
    .option('--json', 'print one JSON object per record')
    .action(async (paths: string[], { json }: { json?: true }) => {
      const access = stack()
      const { items, total } = paths.length > 0 ? fileItems(paths) : await deadLetterItems(access)
      const bar = new SingleBar({ format: 'replayed {value} of {total} {bar} {failed} failed' }, Presets.shades_classic)
      const tally = createTally()
      const failedItems: ReplayItem[] = []
      bar.start(total, 0, { failed: 0 })
      try {
        await concurrently(items, maxInvocations, async (item) => {
          const results = await replayItem(access, item)
          for (const result of results) {
            tally.add(result)
            if (json) print(JSON.stringify({ source: item.source, ...result }))
            else if (result.outcome === 'failed') print(`failed  ${item.source}: ${result.why}`)
          }
          if (results.some(({ outcome }) => outcome === 'failed')) failedItems.push(item)
          else await item.remove?.()
          bar.setTotal(Math.max(bar.getTotal(), tally.total()))
          bar.update(tally.total(), { failed: tally.count('failed') })
        })
      } finally {
        bar.stop()
        await Promise.all(failedItems.map((item) => item.release?.()))
      }
      if (!json) print(tally.report())
      if (tally.count('failed') > 0) process.exitCode = 1
    })
}

type ReplayItems = { readonly items: AsyncGenerator<ReplayItem>; readonly total: number }

const fileItems = (paths: readonly string[]): ReplayItems => ({ items: readPayloads(paths), total: 0 })

async function deadLetterItems({ sqs, deadLetterQueueOf, undeliveredQueue }: StackAccess): Promise<ReplayItems> {
  const queues: { feedbackFunction?: FeedbackFunction; queue: Awaited<ReturnType<typeof createDeadLetters>> }[] =
    await Promise.all([
      ...feedbackFunctions.map(async (feedbackFunction) => ({
        feedbackFunction,
        queue: await createDeadLetters(sqs, deadLetterQueueOf(feedbackFunction)),
      })),
      createDeadLetters(sqs, undeliveredQueue).then((queue) => ({ queue })),
    ])
  const counts = await Promise.all(queues.map(({ queue }) => queue.count()))
  async function* items(): AsyncGenerator<ReplayItem> {
    for (const { feedbackFunction, queue } of queues)
      for await (const message of queue.messages()) yield feedbackFunction ? { ...message, feedbackFunction } : message
  }
  return { items: items(), total: counts.reduce((sum, count) => sum + count, 0) }
}

/** Invokes the function for each record of an item. A failure is a result, not an error. */
export async function replayItem(
  stack: StackAccess,
  { payload, error, feedbackFunction }: ReplayItem,
): Promise<ReplayResult[]> {
  if (error !== undefined) return [failed(error)]
  try {
    return await Promise.all(
      recordsOf(payload).map((record) => replayRecord(stack, feedbackFunction ?? functionFor(record), record)),
    )
  } catch (cause) {
    return [failed(cause)]
  }
}

/** Both functions accept either kind of event; this is the choice that the topics make. */
const functionFor = (record: unknown): FeedbackFunction =>
  readEvent(record).type === 'Complaint' ? 'record-complaint' : 'record-bounce'

async function replayRecord(
  stack: StackAccess,
  feedbackFunction: FeedbackFunction,
  record: unknown,
): Promise<ReplayResult> {
  try {
    const { outcomes } = await invoke(stack, feedbackFunction, { Records: [record] }, OutcomesAnswer)
    const outcome = outcomes[0]?.outcome ?? 'ignored: the function returned no outcome'
    return outcome === 'recorded'
      ? { outcome: 'applied', why: '' }
      : { outcome: 'ignored', why: outcome.replace(/^ignored: /, '') }
  } catch (error) {
    if (error instanceof FunctionFailedError) return { outcome: 'failed', why: error.why }
    throw error
  }
}

const OutcomesAnswer = v.object({ outcomes: v.array(v.object({ outcome: v.string() })) })

const failed = (error: unknown): ReplayResult => ({
  outcome: 'failed',
  why: error instanceof Error ? error.message : String(error),
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
