/**
 * `sesame reconcile`: synchronises a customer's account list with the project's suppression list.
 *
 * The function reconcile-suppressions does the work in slices, so the user of the command needs no access to the customer's account.
 */
import type { Command } from 'commander'
import type * as v from 'valibot'
import { ReconcileAnswer } from '../operations/answers.ts'
import { sleep } from '../time.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withByOption, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { type OperationRequest, requestOperation } from './invoke.ts'
import { type Column, createRowPrinter } from './output.ts'
import { printableLine } from './printable.ts'
import type { StackAccess } from './stack.ts'

type Slice = v.InferOutput<typeof ReconcileAnswer>
type Step = Slice['steps'][number]
type Options = OutputOptions & { dryRun?: boolean; by: string }

const columns: readonly Column<Step>[] = [
  ['address', ({ address }) => address],
  ['change', ({ what }) => stepTexts[what] ?? what],
  ['why', ({ why }) => why],
]

/** Delay before the next request while another reconcile of the account is running, which takes minutes at most. */
const busyDelayMs = 10_000
const maxBusyRetries = 30

export function registerReconcile(program: Command, context: CommandContext): void {
  const { stack, print } = context
  withOutputOption(withByOption(program.command('reconcile <project>')))
    .description("synchronise a customer's account list with ours: add what each lacks; newer information wins")
    .option('--dry-run', 'print the changes without making them')
    .action(async (project: string, { dryRun = false, by, ...options }: Options) => {
      const printer = createRowPrinter(context, options, columns)
      const request = { do: 'reconcile', by, project, preview: dryRun }
      const last = await everySlice(context, stack(), request, async ({ steps }) => {
        for (const step of steps) await (options.output === 'table' ? print(stepText(step)) : printer.add(step))
      })
      if (options.output === 'table') await print(report(project, last, dryRun))
      else await printer.end('')
      if (last.state !== 'finished') exitWith(exitCodes.failed)
    })
}

/** Requests slice after slice until the work is done or cannot go on. @returns the last slice */
async function everySlice(
  { progress }: CommandContext,
  access: StackAccess,
  request: OperationRequest,
  show: (slice: Slice) => Promise<void>,
): Promise<Slice> {
  progress?.('reading the account list …')
  for (let busyRetries = 0; ; ) {
    const slice = await requestOperation(access, 'reconcile-suppressions', request, ReconcileAnswer)
    await show(slice)
    const { state, counts } = slice
    if (counts) progress?.(`${(counts.there ?? 0) + (counts.here ?? 0)} entries compared, ${state}`)
    if (state === 'busy' && ++busyRetries <= maxBusyRetries) {
      progress?.('another reconcile of the account is running; waiting …')
      await sleep(busyDelayMs)
    } else if (state !== 'going on') return slice
  }
}

const stepTexts: Readonly<Record<string, string>> = {
  suppressed: 'added to the account list',
  corrected: 'reason corrected on the account list',
  lifted: 'removed from the account list',
  adopted: 'added from the account list',
  conflicts: 'left unchanged',
  'not addresses': 'skipped, not an address',
  'not removable': 'still on the account list',
  'not readable': 'left unchanged',
}

/** The counts in words that say which of the two lists is meant. */
const countTexts: Readonly<Record<string, string>> = {
  there: 'entries of the account list read',
  here: 'addresses of our list read',
  'in step': 'equal on both lists',
  ...stepTexts,
  'not removable': 'refused by SES, still on the account list',
  'not readable': 'not readable, left unchanged',
  conflicts: 'conflicting, left unchanged',
}
const countWidth = Math.max(...Object.values(countTexts).map(({ length }) => length))

const stepText = ({ address, what, why }: Step): string =>
  printableLine(`${address}  ${stepTexts[what] ?? what}${why ? ` (${why})` : ''}`)

function report(project: string, { state, why, counts = {} }: Slice, dryRun: boolean): string {
  const head = `${project}: ${[dryRun && 'dry run', state, why].filter(Boolean).join(', ')}`
  const rows = Object.entries(counts)
    .filter(([what, count]) => count > 0 || what === 'there' || what === 'here')
    .map(([what, count]) => `  ${(countTexts[what] ?? what).padEnd(countWidth)} ${count}`)
  return [head, ...rows].join('\n')
}
