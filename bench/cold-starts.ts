/**
 * Measures cold starts: new processes of the pinned Node that load a bundle as Lambda's runtime does and handle one event over TLS. The
 * candidates take turns.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'

export type Candidate = { readonly name: string; readonly file: string; readonly event: object }

/** Milliseconds since the process began. */
const Start = v.object({ begun: v.number(), loaded: v.number(), done: v.number() })
export type Start = v.InferOutput<typeof Start>

const coldStart = fileURLToPath(new URL('cold-start.cjs', import.meta.url))

/** @returns the starts of each candidate in the order of the runs, so that the n-th starts of two candidates are comparable */
export function coldStarts(candidates: readonly Candidate[], env: NodeJS.ProcessEnv, runs: number): Start[][] {
  const starts = candidates.map((): Start[] => [])
  // The first run of each candidate fills the machine's file cache and is not counted.
  for (let run = -1; run < runs; run += 1) {
    for (const [index, candidate] of candidates.entries()) {
      const start = startOnce(candidate, env)
      if (run >= 0) starts[index]?.push(start)
    }
  }
  return starts
}

function startOnce({ name, file, event }: Candidate, env: NodeJS.ProcessEnv): Start {
  const { status, stderr } = spawnSync(process.execPath, [coldStart, file, JSON.stringify(event)], { env })
  if (status !== 0) throw new Error(`${name} did not start: ${stderr}`)
  return v.parse(Start, JSON.parse(stderr.toString()))
}
