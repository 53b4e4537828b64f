/**
 * `sesame suppress | reinstate`: rulings on addresses.
 */
import type { Command } from 'commander'
import { concurrently } from '../concurrently.ts'
import { AddressError, normaliseAddress } from '../intake/address.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, reason, withByOption, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { readLines } from './lines.ts'
import { type Column, createRowPrinter } from './output.ts'
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
  const { stack, print, now } = context
  for (const ruling of ['suppress', 'reinstate'] as const)
    withOutputOption(withByOption(program.command(`${ruling} <project> [address]`)))
      .description(descriptions[ruling])
      .requiredOption('--why <text>', 'reason, stored with the ruling', reason)
      .option('--from <file>', 'take the addresses from a file, one a line; - for standard input')
      .action(async (project: string, address: string | undefined, { why, by, from, ...options }: Options) => {
        if ((address === undefined) === (from === undefined))
          throw new UsageError('Name an address, or a file with --from')
        const one = address === undefined ? undefined : normaliseAddress(address)
        const access = stack()
        await requireProject(access, project)
        const rule = (text: string) =>
          access.rulings[ruling](project, text, { at: access.rulings.serverTime(now()), by, why })
        const done = `${past[ruling]} in ${project} by ${by}: ${why}`
        const printer = createRowPrinter(context, options, columns)
        if (one !== undefined) {
          const outcome = await rule(one)
          if (options.output !== 'table') {
            await printer.add({ project, address: one, outcome })
            return printer.end('')
          }
          return void (await print(outcome === 'recorded' ? `recorded: ${one} ${done}` : `${one}: ${outcome}`))
        }
        let recorded = 0
        await concurrently(readLines(from ?? '-'), writesAtOnce, async ({ line, text }) => {
          const found = addressIn(text)
          const outcome = found === undefined ? 'is no address' : await rule(found)
          if (outcome === 'recorded') recorded++
          if (found === undefined) exitWith(exitCodes.failed)
          context.progress?.(`${recorded} recorded`)
          if (options.output !== 'table') await printer.add({ project, address: found ?? text, line, outcome })
          else if (outcome !== 'recorded') await print(`line ${line}: ${found ?? text} ${outcome}`)
        })
        if (options.output === 'table') await print(`recorded: ${recorded} addresses ${done}`)
        else await printer.end('')
      })
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
