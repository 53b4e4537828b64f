/**
 * `sesame reconcile`: synchronises a customer's account list with the project's suppression list.
 *
 * The function reconcile-suppressions does the work in slices, so the user of the command needs no access to the customer's account.
 */
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import type * as v from 'valibot'
import { ReconcileAnswer } from '../operations/answers.ts'
import { sleep } from '../time.ts'
import { type CommandContext, withByOption } from './command-context.ts'
import { requestOperation } from './invoke.ts'

type Slice = v.InferOutput<typeof ReconcileAnswer>
type Options = { dryRun?: boolean; json?: true; by: string }

/** Delay before the next request while another reconcile of the account is running, which takes minutes at most. */
const busyDelayMs = 10_000
const maxBusyRetries = 30

export function registerReconcile(program: Command, { stack, print }: CommandContext): void {
  withByOption(program.command('reconcile <project>'))
    .description("synchronise a customer's account list with ours: add what each lacks; newer information wins")
    .option('--dry-run', 'print the changes without making them')
    .option('--json', 'print one JSON object per change')
    .action(async (project: string, { dryRun = false, json, by }: Options) => {
      const access = stack()
      const bar = new SingleBar({ format: '{value} entries {bar} {what}' }, Presets.shades_classic)
      bar.start(0, 0, { what: '' })
      const request = { do: 'reconcile', by, project, preview: dryRun }
      let slice: Slice
      try {
        for (let busyRetries = 0; ; ) {
          slice = await requestOperation(access, 'reconcile-suppressions', request, ReconcileAnswer)
          for (const step of slice.steps) print(json ? JSON.stringify(step) : stepText(step))
          const { counts } = slice
          if (counts) {
            const entries = (counts.there ?? 0) + (counts.here ?? 0)
            bar.setTotal(slice.state === 'finished' ? entries : entries + 1)
            bar.update(entries, { what: slice.state })
          }
          if (slice.state === 'busy' && ++busyRetries <= maxBusyRetries) await sleep(busyDelayMs)
          else if (slice.state !== 'going on') break
        }
      } finally {
        bar.stop()
      }
      if (!json) print(report(project, slice, dryRun))
      if (slice.state !== 'finished') process.exitCode = 1
    })
}

const stepTexts: Readonly<Record<string, string>> = {
  suppressed: 'added to the account list',
  corrected: 'reason corrected on the account list',
  lifted: 'removed from the account list',
  adopted: 'added from the account list',
  conflicts: 'left unchanged',
  'not addresses': 'skipped, not an address',
}

const stepText = ({ address, what, why }: Slice['steps'][number]): string =>
  `${address}  ${stepTexts[what] ?? what}${why ? ` (${why})` : ''}`

function report(project: string, { state, why, counts = {} }: Slice, dryRun: boolean): string {
  const head = `${project}: ${[dryRun && 'dry run', state, why].filter(Boolean).join(', ')}`
  return [head, ...Object.entries(counts).map(([what, count]) => `  ${what.padEnd(13)} ${count}`)].join('\n')
}
