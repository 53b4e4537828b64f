/** Decides for all requests whether a mutant of a role file violates a claim, and whether it is equal to the role file. */
import { compareEntry, compareUse } from '../../../src/policy/questions/compare.ts'
import type { Entry } from '../../../src/policy/questions/ways.ts'
import { type RoleInForce, readPoliciesInForce } from '../../../src/template/policies-in-force.ts'
import { type CompiledClaim, compileClaim, place, repository } from '../claims/check.ts'
import { isAbout, isViolated, mutatedRole } from '../claims/falsify.ts'
import { claimsOf, stackClaimsFor } from '../claims/read.ts'
import type { Mutant } from './mutants.ts'

type Judged = { readonly role: RoleInForce; readonly claims: readonly CompiledClaim[] }

export function createClaimDetector() {
  const { roles } = readPoliciesInForce(repository, place)
  const stackClaims = stackClaimsFor(roles.map(({ name }) => name))
  const judged = new Map(
    roles.map((role): [string, Judged] => {
      const claims = [...claimsOf(role.name), ...stackClaims.filter((claim) => claim.role === role.name)]
      return [role.name, { role, claims: claims.map((claim) => compileClaim(role, claim)) }]
    }),
  )

  const detected = new Map<string, boolean>()

  /** The role of the mutant before and after the change. Absent: the change is in a policy that a template can leave out. */
  function rolesOf(mutant: Mutant): { before: Judged; after: RoleInForce } | undefined {
    const before = judged.get(mutant.part.file)
    const after = before && mutatedRole(before.role, mutant)
    return before && after && { before, after }
  }

  return {
    detects(mutant: Mutant): boolean {
      if (mutant.turns === 'allowed') return false
      const change = rolesOf(mutant)
      if (change === undefined) return false
      // A statement whose actions are widened allows all actions, whichever of them is widened.
      const key = mutant.name.replace(/: action .* widened/, ': an action widened')
      const known = detected.get(key)
      if (known !== undefined) return known
      const isDetected = change.before.claims.some(
        (claim) =>
          (claim.claim.never === undefined) === mutant.part.isTrust &&
          isAbout(claim, mutant) &&
          isViolated(change.after, [claim]),
      )
      detected.set(key, isDetected)
      return isDetected
    },

    areEqual(mutant: Mutant): boolean {
      const change = rolesOf(mutant)
      if (change === undefined) return false
      const { before, after } = change
      if (!mutant.part.isTrust) return compareUse(before.role, after).length === 0
      const [base, head] = [entryOf(before.role), entryOf(after)]
      return compareEntry(base, head).length === 0 && compareEntry(base, head, 'nothing').length === 0
    },
  }
}

const entryOf = ({ name, arn, account, trust }: RoleInForce): Entry => ({
  name,
  arn,
  account,
  isTrust: true,
  policy: trust ?? { name, document: { Version: '2012-10-17', Statement: [] } },
})
