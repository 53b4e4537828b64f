/** The role files held to test/roles/reach: what stands there is allowed, one thing changed is refused, and so is all beside it. */
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
  if (!existsSync(file)) throw new Error(`test/iam/reach/${role}.yml is missing: npm run generate`)
  return v.parse(reachFile, parse(readFileSync(file, 'utf8')))
}

/** What came out otherwise, in words. */
const wrong = (calls: readonly Simulation[]): string[] =>
  calls.flatMap((call) => {
    const decision = simulate(call)
    return decision.verdict === call.wanted
      ? []
      : [`should be ${call.wanted}: ${explain(decision)} ${JSON.stringify(call.context)}`]
  })

describe.each(fileNames())('the role %s', (role) => {
  const calls = callsFor(role, reachOf(role))

  test('may do what its reach says', () => {
    const allowed = calls.filter(({ wanted }) => wanted === 'allowed')
    expect(allowed).not.toEqual([])
    expect(wrong(allowed)).toEqual([])
  })

  test('is refused what its reach does not say, under other circumstances, elsewhere and by others', () => {
    const refused = calls.filter(({ wanted }) => wanted === 'denied')
    expect(refused).not.toEqual([])
    expect(wrong(refused)).toEqual([])
  })
})
