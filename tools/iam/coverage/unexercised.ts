/**
 * Grants that no test proves: no call exercised them, or only simulations did. A simulation shows that a grant works, not that the code
 * needs it. test/iam/simulated-grants.yml lists the grants for which a simulation is enough, each with the reason.
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { parse } from 'yaml'
import type { Grant, RoleCoverage } from './coverage.ts'

const path = 'test/iam/simulated-grants.yml'

const entry = v.strictObject({
  role: v.string(),
  /** Sid, with `trust: ` before it for a statement of the trust policy. Without it, all statements of the role. */
  statement: v.optional(v.string()),
  /** Without it, all actions of the statement. */
  actions: v.optional(v.array(v.string())),
  why: v.pipe(v.string(), v.minLength(20)),
})
export type SimulatedGrant = v.InferOutput<typeof entry>

export const readSimulatedGrants = (): SimulatedGrant[] =>
  v.parse(v.array(entry), parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')))

const statementOf = ({ part, statement }: Grant) => (part === 'trust' ? `trust: ${statement}` : statement)

const covers = (one: SimulatedGrant, role: string, grant: Grant) =>
  one.role === role &&
  (one.statement === undefined || one.statement === statementOf(grant)) &&
  (one.actions === undefined || one.actions.includes(grant.action))

/** A message for each grant without a test and for each entry that no grant needs. Each names the file and the remedy. */
export function unexercisedGrants(roles: readonly RoleCoverage[], explained: readonly SimulatedGrant[]): string[] {
  const all = roles.flatMap(({ file, grants }) => grants.map((grant) => ({ role: file, grant })))
  const describe = (grant: Grant) => `${statementOf(grant)}: ${grant.action} on ${grant.on}`
  const onlySimulated = all.filter(({ grant }) => grant.calls === 0 && grant.simulations > 0)
  return [
    ...all
      .filter(({ grant }) => grant.calls === 0 && grant.simulations === 0)
      .map(
        ({ role, grant }) =>
          `iam/${role}.yml: no test exercises ${describe(grant)}. Add a test that makes the call, or remove the grant.`,
      ),
    ...onlySimulated
      .filter(({ role, grant }) => !explained.some((one) => covers(one, role, grant)))
      .map(
        ({ role, grant }) =>
          `iam/${role}.yml: only simulations exercise ${describe(grant)}. Add a test in which code makes the call, remove the grant, or explain it in ${path}.`,
      ),
    ...explained
      .filter((one) => !onlySimulated.some(({ role, grant }) => covers(one, role, grant)))
      .map(
        ({ role, statement, actions }) =>
          `${path}: no grant needs the entry for ${[role, statement, actions?.join(', ')].filter(Boolean).join(' / ')}. Remove it.`,
      ),
  ]
}
