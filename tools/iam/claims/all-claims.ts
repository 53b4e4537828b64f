/** Checks the claims of all role files and the claims about the stack. */
import { type RoleInForce, readPoliciesInForce } from '../../../src/template/policies-in-force.ts'
import { readRoleFileHead } from '../../../src/template/role-file.ts'
import { partsOf, textOf } from '../role-parts.ts'
import { type Checked, type CompiledClaim, checkRole, compileClaim, place, repository } from './check.ts'
import { type Falsified, falsify } from './falsify.ts'
import { functionsOfStack } from './functions.ts'
import { pathsAmong, unexpectedPaths } from './paths.ts'
import {
  type Claim,
  claimFiles,
  claimsOf,
  readClaimFile,
  stackClaimsFor,
  uncoveredWords,
  unknownExceptions,
} from './read.ts'

export type ClaimsResult = {
  readonly roles: number
  readonly judged: number
  readonly checked: readonly Checked[]
  readonly falsified: readonly Falsified[]
  /** What is wrong with the claims themselves: a clause without a claim, a claim without a clause. */
  readonly problems: readonly string[]
}

export function checkAllClaims({ withMutants }: { withMutants: boolean }): ClaimsResult {
  const { roles } = readPoliciesInForce(repository, place)
  const names = roles.map(({ name }) => name)
  const functions = functionsOfStack()
  const known = roles.filter(({ trust }) => trust !== undefined).map(({ arn }) => arn)
  const stackClaims = stackClaimsFor(names)
  const results = roles.map((role) => {
    const own = claimsOf(role.name)
    const claims = [...own, ...stackClaims.filter((claim) => claim.role === role.name)]
    const compiled = claims.map((claim) => compileClaim(role, claim))
    return { own, role, compiled, ...checkRole(role, compiled, known) }
  })
  return {
    roles: roles.length,
    judged: results.reduce((sum, { judged }) => sum + judged, 0),
    checked: results.flatMap(({ checked }) => checked),
    falsified: withMutants ? falsifyAll(results) : [],
    problems: [
      ...results.flatMap(({ role, own }) => problemsOf(role.name, own)),
      ...strayNames(names),
      ...unexpectedPaths(readClaimFile('paths'), pathsAmong(roles, functions), roles, functions),
    ],
  }
}

type Result = { readonly role: RoleInForce; readonly compiled: readonly CompiledClaim[] }

/** Each claim of a role once, and each claim about the stack once: by the first role of which a single change violates it. */
function falsifyAll(results: readonly Result[]): Falsified[] {
  const found = new Map<string, Falsified>()
  for (const { role, compiled } of results) {
    const open = compiled.filter(({ claim }) => !found.get(keyOf(claim))?.by?.includes(' / '))
    for (const one of falsify(role, partsOf(role.name, textOf(role.name)), open)) {
      const key = keyOf(one.claim.claim)
      if (found.get(key)?.by === undefined || one.by?.includes(' / ')) found.set(key, one)
    }
  }
  return [...found.values()]
}

const keyOf = ({ isOfStack, role, text }: Claim) => (isOfStack ? text : `${role}: ${text}`)

/** Clauses of "may not" that no claim repeats, and claims that repeat none. */
export function problemsOf(name: string, claims: readonly Claim[]): string[] {
  const { mayNot } = readRoleFileHead(name, textOf(name))
  const missing = uncoveredWords(mayNot, claims)
  const stray = claims.filter(({ text }) => !mayNot.includes(text.replace(/\s+/g, ' ')))
  return [
    ...(missing === '' ? [] : [`iam/${name}.yml: no claim of iam/claims/${name}.yml stands for "${missing}"`]),
    ...stray.map(({ text }) => `iam/claims/${name}.yml: "${text}" is not in the "may not" of iam/${name}.yml`),
  ]
}

const strayNames = (names: readonly string[]): string[] => [
  ...claimFiles().flatMap((name) =>
    names.includes(name) ? [] : [`iam/claims/${name}.yml: iam/${name}.yml does not exist`],
  ),
  ...unknownExceptions(names).map((name) => `iam/claims/stack.yml: ${name} is no role file`),
]
