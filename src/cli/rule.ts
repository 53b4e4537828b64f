/**
 * `sesame suppress | reinstate`: rulings on addresses.
 */
import type { Command } from 'commander'
import { concurrently } from '../concurrently.ts'
import { AddressError, normaliseAddress } from '../intake/address.ts'
import type { RulingOutcome } from '../suppression/rule-by-hand.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, reason, withByOption, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { concernsEveryCall, explainError } from './explain-error.ts'
import { readLines } from './lines.ts'
import { type Column, createRowPrinter, printOne } from './output.ts'
import { requireProject } from './stack.ts'
import { UsageError } from './usage-error.ts'

const descriptions = {
  suppress: 'suppress an address, or the addresses of a file',
  reinstate: 'allow mail to an address again, or to those of a file; overrides existing evidence, not future evidence',
} as const
const past = { suppress: 'suppressed', reinstate: 'reinstated' } as const

type Options = OutputOptions & { why: string; by: string; from?: string }
type Ruled = { readonly project: string; readonly address: string; readonly line?: number; readonly outcome: string }

const columns: readonly Column<Ruled>[] = [
  ['project', ({ project }) => project],
  ['address', ({ address }) => address],
  ['line', ({ line }) => line],
  ['outcome', ({ outcome }) => outcome],
]

/** Concurrent writes. */
const writesAtOnce = 16

export function registerRule(program: Command, context: CommandContext): void {
  for (const ruling of ['suppress', 'reinstate'] as const)
    withOutputOption(withByOption(program.command(`${ruling} <project> [address]`)))
      .description(descriptions[ruling])
      .requiredOption('--why <text>', 'reason, stored with the ruling', reason)
      .option('--from <file>', 'take the addresses from a file, one a line; - for standard input')
      .action(async (project: string, given: string | undefined, { why, by, from, output }: Options) => {
        const address = given === undefined ? undefined : normaliseAddress(given)
        const access = context.stack()
        const work: Work = {
          project,
          output,
          done: `${past[ruling]} in ${project} by ${by}: ${why}`,
          rule: (text) => {
            const at = access.rulings.serverTime(context.now())
            return access.rulings[ruling](project, text, { at, by, why })
          },
        }
        if ((address === undefined) === (from === undefined))
          throw new UsageError('Name an address, or a file with --from')
        await requireProject(access, project)
        if (address !== undefined) await ruleOnOne(context, work, address)
        else await ruleOnLines(context, work, from ?? '-')
      })
}

type Work = OutputOptions & {
  readonly project: string
  /** What is done to an address, and why. */
  readonly done: string
  readonly rule: (address: string) => Promise<RulingOutcome>
}

async function ruleOnOne(
  context: CommandContext,
  { project, output, done, rule }: Work,
  address: string,
): Promise<void> {
  const outcome = await rule(address)
  const text = outcome === 'recorded' ? `recorded: ${address} ${done}` : `${address}: ${outcome}`
  await printOne(context, { output }, { columns, row: { project, address, outcome }, text })
}

/** Rules on every line that is an address. A line that is none, or whose write fails, does not affect the others. */
async function ruleOnLines(
  context: CommandContext,
  { project, output, done, rule }: Work,
  source: string,
): Promise<void> {
  const printer = createRowPrinter(context, { output }, columns)
  let recorded = 0
  await concurrently(readLines(source), writesAtOnce, async ({ line, text }) => {
    const found = addressIn(text)
    const outcome = found === undefined ? 'is no address' : await rule(found).catch(failureText)
    if (outcome === 'recorded') recorded++
    else if (outcome !== 'ignored: a newer ruling stands') exitWith(exitCodes.failed)
    context.progress?.(`${recorded} recorded`)
    if (output !== 'table') await printer.add({ project, address: found ?? text, line, outcome })
    else if (outcome !== 'recorded') await context.print(`line ${line}: ${found ?? text} ${outcome}`)
  })
  if (output === 'table') await context.print(`recorded: ${recorded} addresses ${done}`)
  else await printer.end('')
}

/** @throws an error that the next lines would meet, too */
function failureText(error: unknown): string {
  if (concernsEveryCall(error)) throw error
  return `failed: ${explainError(error)}`
}

/** The address that a line is, or that the first cell of a line of CSV is. */
function addressIn(line: string): string | undefined {
  const cell = /^"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"') ?? line.split(/[,;\t]/)[0] ?? ''
  return readAddress(line) ?? readAddress(cell)
}

function readAddress(text: string): string | undefined {
  try {
    return normaliseAddress(text)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}
