/**
 * Falsifies each claim by a mutant of its role, so that no claim is empty: a single change of the role file if one suffices, or a statement
 * that allows everything.
 */
import { type NamedPolicy, type PolicyDocument, parsePolicy } from '../../../src/policy/document.ts'
import { actionMismatch } from '../../../src/policy/statement.ts'
import type { RoleInForce } from '../../../src/template/policies-in-force.ts'
import { type Mutant, mutantsOf } from '../mutation/mutants.ts'
import type { Part } from '../role-parts.ts'
import { type CompiledClaim, checkRole } from './check.ts'

export type Falsified = { readonly claim: CompiledClaim; readonly by: string | undefined }

/** The role with one policy changed; `undefined` if the part is not among its policies. */
export function mutatedRole(
  role: RoleInForce,
  { part, apply }: Pick<Mutant, 'part' | 'apply'>,
): RoleInForce | undefined {
  if (part.isTrust) return role.trust && { ...role, trust: { ...role.trust, document: apply(role.trust.document) } }
  if (!role.identity.some(({ name }) => name === part.name)) return undefined
  const change = (policy: NamedPolicy): NamedPolicy =>
    policy.name === part.name ? { ...policy, document: apply(policy.document) } : policy
  return { ...role, identity: role.identity.map(change) }
}

export const isViolated = (role: RoleInForce, claims: readonly CompiledClaim[]): boolean =>
  checkRole(role, claims, [], 'any').checked.some(({ explanation }) => explanation !== undefined)

const withStatement = (document: PolicyDocument, statement: object, kind: 'identity' | 'trust'): PolicyDocument => {
  const added = parsePolicy({ Version: document.Version, Statement: statement }, kind)
  return {
    ...document,
    Statement: [...document.Statement.filter(({ Effect }) => Effect === 'Allow'), ...added.Statement],
  }
}

/** Changes that are not a single step: a role that allows everything, to everyone, for as long as possible. */
function openRole(role: RoleInForce): RoleInForce {
  const { boundary: _, ...unlimited } = role
  return {
    ...unlimited,
    sessionSeconds: 43_200,
    identity: role.identity.map((policy) => ({
      ...policy,
      document: withStatement(policy.document, { Effect: 'Allow', Action: '*', Resource: '*' }, 'identity'),
    })),
    ...(role.trust && {
      trust: {
        ...role.trust,
        document: withStatement(
          role.trust.document,
          { Effect: 'Allow', Principal: '*', Action: ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity'] },
          'trust',
        ),
      },
    }),
  }
}

/** @param parts the policies of the role file */
export function falsify(role: RoleInForce, parts: readonly Part[], claims: readonly CompiledClaim[]): Falsified[] {
  const mutants = parts.flatMap(mutantsOf).filter((mutant) => mutant.turns !== 'allowed' && isFirstOfItsKind(mutant))
  return claims.map((claim) => {
    const isEntry = claim.claim.never === undefined
    const found = mutants.find((mutant) => {
      if (mutant.part.isTrust !== isEntry || !isAbout(claim, mutant)) return false
      const changed = mutatedRole(role, mutant)
      return changed !== undefined && isViolated(changed, [claim])
    })
    if (found !== undefined) return { claim, by: found.name }
    return { claim, by: isViolated(openRole(role), [claim]) ? 'a statement that allows everything' : undefined }
  })
}

/** The actions of a statement are widened one by one. The result is the same for each, so the first stands for all. */
function isFirstOfItsKind({ name, part }: Mutant): boolean {
  const widened = part.statements.find(({ sid }) => name.includes(` ${sid}: `))
  return !/: action .* widened to \*$/.test(name) || name.includes(`action ${widened?.actions[0]} widened`)
}

/** Whether the mutant widens a statement to an action that the claim excludes: any other cannot violate the claim. */
export function isAbout({ never }: CompiledClaim, { name, part }: Mutant): boolean {
  const widened = part.statements.find(({ sid }) => name.includes(` ${sid}: `))
  if (widened === undefined || part.isTrust) return true
  if (/: action .* widened to \*$/.test(name)) return true
  return never.Statement.some((statement) =>
    widened.actions.some((action) => actionMismatch(statement, action) === undefined),
  )
}
