/** `npm run simulate`: runs seeds, prints each violation with the smallest run that shows it, and the states that were reached. */

import { bugs, plant } from './bugs.ts'
import { help, readSimulationOptions, SimulationOptionError, type SimulationOptions } from './options.ts'
import { realMilliseconds } from './take-over.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)

async function main(options: SimulationOptions): Promise<number> {
  if (options.help) return print(help)
  if (options.listBugs) return print(bugs.map(({ name }) => name).join('\n'))
  const bug = bugs.find(({ name }) => name === options.bug)
  if (options.bug !== undefined && !bug) throw new SimulationOptionError(`There is no bug "${options.bug}": see --bugs`)
  if (bug) plant(bug)
  // Only now, so that every module is loaded with the bug, and on the virtual machine.
  const { runSeeds } = await import('./run-seeds.ts')
  const startMs = realMilliseconds()
  const { failed, seeds, unreached } = await runSeeds(options, say)
  const seconds = (realMilliseconds() - startMs) / 1_000
  say(`${seeds} seeds, ${failed} failed, ${(seeds / seconds).toFixed(2)} seeds per second`)
  if (bug) return failed > 0 ? 0 : 1
  return failed > 0 || (options.allStates && unreached > 0) ? 1 : 0
}

function print(text: string): number {
  say(text)
  return 0
}

try {
  process.exitCode = await main(readSimulationOptions(process.argv.slice(2)))
} catch (cause) {
  if (!(cause instanceof SimulationOptionError)) throw cause
  process.stderr.write(`${cause.message}\n`)
  process.exitCode = 2
}
