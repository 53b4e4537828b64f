/** The options of `npm run simulate`. */
import { parseArgs } from 'node:util'

export type SimulationOptions = {
  readonly from: number
  readonly runs: number
  readonly bug: string | undefined
  /** Fail if a state is reached by no seed. */
  readonly allStates: boolean
  readonly help: boolean
  readonly listBugs: boolean
  readonly allBugs: boolean
  /** Write the figures of docs/reliability.md. */
  readonly record: boolean
}

export const help = `Runs the whole of Sesame on an embedded AWS with a virtual clock, while a seed decides what goes wrong.

Usage: npm run simulate -- [options]

  --seed N       the first seed (default 1)
  --runs K       how many seeds, one after another (default 1)
  --all-states   fail if an interesting state is reached by no seed
  --bug NAME     put a deliberate bug into the code, in memory; with --runs, stop at the first seed that finds it
  --bugs         list the deliberate bugs
  --all-bugs     check that each deliberate bug is found by the seed that local/simulation/bugs.ts names
  --record       write what was measured to bench/reliability.json
  --help         show this text

A seed that fails is run again with fewer acts and faults, and the smallest run is printed. The same seed gives the same run, to the last call.
Exit codes: 0 if all is well (with --bug: if the bug was found), 1 if not, 2 for a wrong option.`

export class SimulationOptionError extends Error {
  override readonly name = 'SimulationOptionError'
  readonly retryable = false
}

/** @throws SimulationOptionError */
export function readSimulationOptions(args: readonly string[]): SimulationOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        runs: { type: 'string', default: '1' },
        bug: { type: 'string' },
        'all-states': { type: 'boolean', default: false },
        bugs: { type: 'boolean', default: false },
        'all-bugs': { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    return {
      from: numberOf('--seed', values.seed),
      runs: numberOf('--runs', values.runs),
      bug: values.bug,
      allStates: values['all-states'],
      listBugs: values.bugs,
      allBugs: values['all-bugs'],
      record: values.record,
      help: values.help,
    }
  } catch (cause) {
    throw new SimulationOptionError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function numberOf(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new SimulationOptionError(`${name} must be a number from 1, not ${JSON.stringify(text)}`)
  return Number(text)
}
