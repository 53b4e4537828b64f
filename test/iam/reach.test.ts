/** Compares the role files with test/iam/reach: all listed calls are allowed; calls with one change, and all other calls, are denied. */
import { existsSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { explain } from '../../src/policy/evaluate.ts'
import { fileNames } from '../../tools/iam/role-parts.ts'
import { callsFor, type Reach } from '../../tools/iam/simulation/reach.ts'
import { type Simulation, simulate } from '../../tools/iam/simulation/simulate.ts'

const circumstances = v.record(v.string(), v.nullable(v.union([v.string(), v.array(v.string())])))
const names = v.array(v.string())
const reachFile = v.array(
  v.strictObject({
    statement: v.string(),
    may: names,
    on: v.optional(names),
    by: v.optional(names),
    if: v.optional(v.array(circumstances)),
    refusedIf: v.optional(v.array(circumstances)),
  }),
)

function reachOf(role: string): Reach[] {
  const file = new URL(`reach/${role}.yml`, import.meta.url)
  if (!existsSync(file)) throw new Error(`test/iam/reach/${role}.yml is missing. Run npm run generate.`)
  return v.parse(reachFile, parse(readFileSync(file, 'utf8')))
}

/** A description of each call with an unexpected verdict. */
const unexpected = (calls: readonly Simulation[]): string[] =>
  calls.flatMap((call) => {
    const decision = simulate(call)
    return decision.verdict === call.wanted
      ? []
      : [`should be ${call.wanted}: ${explain(decision)} ${JSON.stringify(call.context)}`]
  })

describe.each(fileNames())('the role %s', (role) => {
  const calls = callsFor(role, reachOf(role))

  test(`the role ${role} may do what its reach lists`, () => {
    const allowed = calls.filter(({ wanted }) => wanted === 'allowed')
    expect(allowed).not.toEqual([])
    expect(unexpected(allowed)).toEqual([])
  })

  test(`the role ${role} is denied what its reach does not list: other circumstances, other resources, other principals`, () => {
    const denied = calls.filter(({ wanted }) => wanted === 'denied')
    expect(denied).not.toEqual([])
    expect(unexpected(denied)).toEqual([])
  })
})
