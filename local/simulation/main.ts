/** `npm run simulate`: runs seeds, prints each violation with the smallest run that shows it, and the states that were reached. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bugs, plant } from './bugs.ts'
import { help, readSimulationOptions, SimulationOptionError, type SimulationOptions } from './options.ts'
import './take-over.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)

async function main(options: SimulationOptions): Promise<number> {
  if (options.help) return print(help)
  if (options.listBugs) return print(bugs.map(({ name }) => name).join('\n'))
  if (options.allBugs) return checkAllBugs()
  const bug = bugs.find(({ name }) => name === options.bug)
  if (options.bug !== undefined && !bug) throw new SimulationOptionError(`There is no bug "${options.bug}": see --bugs`)
  if (bug) plant(bug)
  // Only now, so that every module is loaded with the bug, and on the virtual machine.
  const { runSeeds } = await import('./run-seeds.ts')
  const { failed, seeds, unreached, cpuSeconds } = await runSeeds(options, say)
  say(`${seeds} seeds, ${failed} failed, ${(seeds / cpuSeconds).toFixed(2)} seeds per second of CPU time`)
  if (bug) return failed > 0 ? 0 : 1
  return failed > 0 || (options.allStates && unreached > 0) ? 1 : 0
}

/** Each bug in a process of its own, because a module is loaded once. */
function checkAllBugs(): number {
  const missed = bugs.filter(({ name, seed }) => {
    const { status } = spawnSync(process.execPath, [
      fileURLToPath(import.meta.url),
      '--bug',
      name,
      '--seed',
      String(seed),
    ])
    say(`${status === 0 ? 'found ' : 'MISSED'}  seed ${seed}: ${name}`)
    return status !== 0
  })
  say(`${bugs.length - missed.length} of ${bugs.length} deliberate bugs are found`)
  if (missed.length > 0) say('Find another seed by: npm run simulate -- --bug NAME --runs 200')
  return missed.length > 0 ? 1 : 0
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
