/**
 * `sesame replay`: brings events back to the functions that record them.
 *
 * They come from the dead-letter queues, or from files, folders and standard input (an archive, say). Each goes through its function
 * once more, under the function's role: replaying what was recorded before changes nothing. A dead letter leaves its queue when its
 * function has taken it, and not before.
 */
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import * as v from 'valibot'
import { readEvent } from '../intake/read-event.ts'
import { recordsOf } from '../intake/records-of.ts'
import { createDeadLetters } from './dead-letters.ts'
import { readPayloads } from './input.ts'
import type { Open } from './open.ts'
import { type FeedbackFunction, feedbackFunctions, type StackAccess } from './stack.ts'

/** Something to replay: what a file holds, or a dead letter, which knows its function and its queue. */
type Letter = {
  readonly source: string
  readonly payload?: unknown
  readonly error?: unknown
  readonly recorder?: FeedbackFunction
  readonly remove?: () => Promise<unknown>
  readonly release?: () => Promise<unknown>
}

type Result = { readonly outcome: 'applied' | 'ignored' | 'failed'; readonly why: string }

/** Invocations under way at once: well below the concurrency of a new AWS account. */
const atOnce = 8

export function registerReplay(program: Command, { stack, print }: Open): void {
  program
    .command('replay [paths...]')
    .description(
      'bring dead letters, or events of files, folders or standard input (-), back to the functions that record them',
    )
    .option('--json', 'one JSON object a record', false)
    .action(async (paths: string[], { json }: { json: boolean }) => {
      const opened = stack()
      const { letters, total } = paths.length > 0 ? ofFiles(paths) : await deadLetters(opened)
      const bar = new SingleBar({ format: 'replayed {value} of {total} {bar} {failed} failed' }, Presets.shades_classic)
      const tally = tallyOf()
      const kept: Letter[] = []

      async function worker(): Promise<void> {
        for await (const letter of sharing) {
          const results = await replayItem(opened, letter)
          for (const result of results) {
            tally.add(result)
            if (json) print(JSON.stringify({ source: letter.source, ...result }))
            else if (result.outcome === 'failed') print(`failed  ${letter.source}: ${result.why}`)
          }
          if (results.some(({ outcome }) => outcome === 'failed')) kept.push(letter)
          else await letter.remove?.()
          bar.setTotal(Math.max(bar.getTotal(), tally.letters()))
          bar.update(tally.letters(), { failed: tally.count('failed') })
        }
      }

      const sharing = shared(letters)
      bar.start(total, 0, { failed: 0 })
      try {
        await Promise.all(Array.from({ length: atOnce }, worker))
      } finally {
        bar.stop()
        await Promise.all(kept.map((letter) => letter.release?.()))
      }
      if (!json) print(tally.report())
      if (tally.count('failed') > 0) process.exitCode = 1
    })
}

/** Lets several workers take from one source: each piece goes to one of them. */
const shared = <T>(source: AsyncGenerator<T>): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => ({ next: () => source.next() }),
})

type Letters = { letters: AsyncGenerator<Letter>; total: number }

const ofFiles = (paths: string[]): Letters => ({ letters: readPayloads(paths), total: 0 })

async function deadLetters({ sqs, deadLetters, undelivered }: StackAccess): Promise<Letters> {
  const queues: { recorder?: FeedbackFunction; queue: Awaited<ReturnType<typeof createDeadLetters>> }[] =
    await Promise.all([
      ...feedbackFunctions.map(async (recorder) => ({
        recorder,
        queue: await createDeadLetters(sqs, deadLetters(recorder)),
      })),
      createDeadLetters(sqs, undelivered).then((queue) => ({ queue })),
    ])
  const counts = await Promise.all(queues.map(({ queue }) => queue.count()))
  async function* letters() {
    for (const { recorder, queue } of queues)
      for await (const letter of queue.letters()) yield recorder ? { ...letter, recorder } : letter
  }
  return { letters: letters(), total: counts.reduce((sum, count) => sum + count, 0) }
}

export async function replayItem(stack: StackAccess, { payload, error, recorder }: Letter): Promise<Result[]> {
  if (error !== undefined) return [failed(error)]
  try {
    return await Promise.all(recordsOf(payload).map((record) => invoke(stack, recorder ?? recorderOf(record), record)))
  } catch (cause) {
    return [failed(cause)]
  }
}

/** Either function takes both; each is given its own, as its topic would. */
const recorderOf = (record: unknown): FeedbackFunction =>
  readEvent(record).type === 'Complaint' ? 'record-complaint' : 'record-bounce'

async function invoke(
  { lambda, functionName }: StackAccess,
  recorder: FeedbackFunction,
  record: unknown,
): Promise<Result> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName(recorder), Payload: JSON.stringify({ Records: [record] }) }),
  )
  const answer: unknown = JSON.parse(Payload?.transformToString() || 'null')
  if (FunctionError) return { outcome: 'failed', why: v.is(Failure, answer) ? answer.errorMessage : FunctionError }
  const outcome = v.parse(Answer, answer).outcomes[0]?.outcome ?? 'ignored: the function said nothing of it'
  return outcome === 'recorded'
    ? { outcome: 'applied', why: '' }
    : { outcome: 'ignored', why: outcome.replace(/^ignored: /, '') }
}

const Answer = v.object({ outcomes: v.array(v.object({ outcome: v.string() })) })
const Failure = v.object({ errorMessage: v.string() })

const failed = (error: unknown): Result => ({
  outcome: 'failed',
  why: error instanceof Error ? error.message : String(error),
})

/** Counts without keeping: an archive may hold millions. */
function tallyOf() {
  const counts = new Map<string, number>()
  let letters = 0
  const count = (outcome: string) => [...counts].reduce((sum, [key, n]) => (key.startsWith(outcome) ? sum + n : sum), 0)
  return {
    add({ outcome, why }: Result): void {
      letters++
      const key = outcome === 'ignored' ? `${outcome}: ${why}` : outcome
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    letters: () => letters,
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
