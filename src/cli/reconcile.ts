/**
 * `sesame reconcile PROJECT`: brings the customer's account list and ours in step, through the function reconcile-suppressions, so that whoever
 * runs the command needs no way into the customer's account.
 */
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import * as v from 'valibot'
import { RefusedError, withBy } from './manage.ts'
import type { Open } from './open.ts'
import type { StackAccess } from './stack.ts'

type Options = { dryRun: boolean; json: boolean; by: string }

/** Another reconcile of the account takes minutes at most. */
const busyMs = 10_000
const mostBusy = 30

export function registerReconcile(program: Command, { stack, print }: Open): void {
  withBy(program.command('reconcile <project>'))
    .description(
      "bring a customer's account list and ours in step: each gets what it lacks, the later knowledge counts",
    )
    .option('--dry-run', 'only say what would change', false)
    .option('--json', 'one JSON object a change', false)
    .action(async (project: string, { dryRun, json, by }: Options) => {
      const opened = stack()
      const bar = new SingleBar({ format: '{value} entries {bar} {what}' }, Presets.shades_classic)
      bar.start(0, 0, { what: '' })
      let last: Slice
      try {
        for (let busy = 0; ; ) {
          last = await slice(opened, { do: 'reconcile', by, project, preview: dryRun })
          for (const step of last.steps) print(json ? JSON.stringify(step) : lineOf(step))
          const { counts } = last
          if (counts) {
            const seen = (counts.there ?? 0) + (counts.here ?? 0)
            bar.setTotal(last.state === 'finished' ? seen : seen + 1)
            bar.update(seen, { what: last.state })
          }
          if (last.state === 'busy' && ++busy <= mostBusy) await new Promise((resolve) => setTimeout(resolve, busyMs))
          else if (last.state !== 'going on') break
        }
      } finally {
        bar.stop()
      }
      if (!json) print(report(project, last, dryRun))
      if (last.state !== 'finished') process.exitCode = 1
    })
}

/** @throws RefusedError | Error */
async function slice({ lambda, functionName }: StackAccess, request: object): Promise<Slice> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName('reconcile-suppressions'), Payload: JSON.stringify(request) }),
  )
  const given: unknown = JSON.parse(Payload?.transformToString() || 'null')
  if (FunctionError)
    throw new Error(`reconcile-suppressions failed: ${v.is(Failure, given) ? given.errorMessage : FunctionError}`)
  const { done, refused } = v.parse(Answer, given)
  if (refused) throw new RefusedError(refused)
  return v.parse(Slice, done)
}

const did: Readonly<Record<string, string>> = {
  suppressed: 'put on the account list',
  corrected: 'given another reason on the account list',
  lifted: 'taken off the account list',
  adopted: 'taken over from the account list',
  conflicts: 'left as it is',
  'not addresses': 'left out: no address',
}

const lineOf = ({ address, what, why }: Slice['steps'][number]): string =>
  `${address}  ${did[what] ?? what}${why ? ` (${why})` : ''}`

function report(project: string, { state, why, counts = {} }: Slice, dryRun: boolean): string {
  const head = `${project}: ${[dryRun && 'dry run', state, why].filter(Boolean).join(', ')}`
  return [head, ...Object.entries(counts).map(([what, count]) => `  ${what.padEnd(13)} ${count}`)].join('\n')
}

const Slice = v.object({
  state: v.picklist(['finished', 'going on', 'busy', 'skipped', 'stopped']),
  why: v.optional(v.string()),
  counts: v.optional(v.record(v.string(), v.number())),
  steps: v.optional(v.array(v.object({ address: v.string(), what: v.string(), why: v.optional(v.string()) })), []),
})
type Slice = v.InferOutput<typeof Slice>

const Failure = v.object({ errorMessage: v.string() })
const Answer = v.object({
  done: v.optional(v.unknown()),
  refused: v.optional(v.object({ error: v.string(), message: v.string(), retryable: v.boolean() })),
})
