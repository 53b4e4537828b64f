/**
 * `sesame replay`: sends events through the functions that record them once more.
 *
 * Without a path, the function manage-dead-letters replays what is in the dead-letter queues. Events from files, folders and standard input
 * (from an archive, for example) are sent by this command, which needs the permission to invoke the functions that record events. They take
 * every event for SES's, so a deployment gives the operator this permission for a time only. Recording is idempotent, so events that were
 * recorded before change nothing.
 */
import type { Command } from 'commander'
import * as v from 'valibot'
import { concurrently } from '../concurrently.ts'
import { readEvent } from '../intake/read-event.ts'
import { recordsOf } from '../intake/records-of.ts'
import type { CommandContext } from './command-context.ts'
import { confirmed, type OutputOptions, withOutputOption, withYesOption, type YesOption } from './common-options.ts'
import { replayConsequence, replayDeadLetters } from './dead-letters.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { concernsEveryCall, explainError } from './explain-error.ts'
import { readPayloads } from './input.ts'
import { FunctionFailedError, invoke } from './invoke.ts'
import { type Column, createRowPrinter } from './output.ts'
import { printableLine } from './printable.ts'
import type { FeedbackFunction, StackAccess } from './stack.ts'

/** A document of a file. */
type ReplayItem = { readonly source: string; readonly payload?: unknown; readonly error?: unknown }

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
      if (paths.length === 0) await confirmed(context, options, replayConsequence)
      const access = stack()
      const printer = createRowPrinter(context, options, columns)
      const tally = createTally()
      const show = async (source: string, result: ReplayResult) => {
        tally.add(result)
        context.progress?.(`${tally.total()} replayed, ${tally.count('failed')} failed`)
        if (options.output !== 'table') await printer.add({ source, ...result })
        else if (result.outcome === 'failed') await print(printableLine(`failed  ${source}: ${result.why}`))
      }
      context.progress?.('reading …')
      if (paths.length === 0)
        await replayDeadLetters(context, access, {}, ({ id, queue, outcome, why }) =>
          show(`${queue} ${id}`, { outcome, why }),
        )
      else
        await concurrently(readPayloads(paths), maxInvocations, async (item) => {
          for (const result of await replayItem(access, item)) await show(item.source, result)
        })
      if (options.output === 'table') await print(tally.report())
      else await printer.end('')
      if (tally.count('failed') > 0) exitWith(exitCodes.failed)
    })
}

/** Invokes the function for each record of an item. A failure is a result, not an error, and does not affect the other records. */
export async function replayItem(stack: StackAccess, { payload, error }: ReplayItem): Promise<ReplayResult[]> {
  if (error !== undefined) return [failed(error)]
  try {
    const results: ReplayResult[] = []
    await concurrently(recordsOf(payload).entries(), maxInvocations, async ([i, record]) => {
      results[i] = await replayRecord(stack, record)
    })
    return results
  } catch (cause) {
    if (cause instanceof FileReplayOffError || concernsEveryCall(cause)) throw cause
    return [failed(cause)]
  }
}

/** Both functions accept either kind of event; this is the choice that the topics make. */
const functionFor = (record: unknown): FeedbackFunction =>
  readEvent(record).type === 'Complaint' ? 'record-complaint' : 'record-bounce'

async function replayRecord(stack: StackAccess, record: unknown): Promise<ReplayResult> {
  try {
    const { outcomes } = await invoke(stack, functionFor(record), { Records: [record] }, OutcomesAnswer)
    const outcome = outcomes[0]?.outcome ?? 'the function returned no outcome'
    if (outcome === 'recorded') return { outcome: 'applied', why: '' }
    const [, why] = /^(?:ignored|acknowledged): (.*)$/s.exec(outcome) ?? []
    return why === undefined ? { outcome: 'failed', why: outcome } : { outcome: 'ignored', why }
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('AccessDenied')) throw new FileReplayOffError(error)
    if (concernsEveryCall(error)) throw error
    return failed(error)
  }
}

/** The user may not invoke the functions that record events. */
class FileReplayOffError extends Error {
  override readonly name = 'FileReplayOffError'
  readonly retryable = false

  constructor(cause: Error) {
    super(
      'The replay of files is off: these credentials may not invoke the functions that record events. Deploy with SESAME_FILE_REPLAY_UNTIL=TIME (docs/deployment.md) to let the role operator replay files until then. sesame dead-letters replay needs no such permission',
      { cause },
    )
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
