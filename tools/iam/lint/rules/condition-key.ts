/**
 * A condition key that no request for an action carries has no effect: an Allow never applies, and a Deny may never apply.
 *
 * The key must be global, or defined for every action of the statement. In a trust policy, claims of the identity provider that the
 * statement names are valid as well, and a key that is valid for sts:AssumeRole is valid for the actions that accompany it in the same
 * request.
 */
import type { Statement } from '../../../../src/policy/document.ts'
import { conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'
import { actionsNamed, isPattern, suppliesKey } from '../service-authorization.ts'
import { isBulkUnderFromAddress } from './bulk-sending.ts'

export const conditionKey: Rule = {
  name: 'condition-key',
  statement: async (one) => {
    const { parsed, kind } = one
    if (parsed === undefined) return []
    const checked = await Promise.all(
      conditionsOf(parsed).map(async ({ operator, key }) => {
        const without = kind === 'trust' && isClaim(key, parsed) ? [] : await actionsWithout(key, parsed)
        return without
          .filter((action) => !isBulkUnderFromAddress(action, key))
          .map((action) =>
            one.violation(
              ['Condition', operator, key],
              `${one.name} has a condition on ${key}, which no request for ${action} carries.`,
              'Use a key that the Service Authorization Reference lists for the action, or move the action to its own statement.',
            ),
          )
      }),
    )
    return checked.flat()
  },
}

/** The statement's actions that do not support the key. A pattern supports it if one matching action does. */
async function actionsWithout(key: string, { Action = [] }: Statement): Promise<string[]> {
  const checked = await Promise.all(
    Action.map(async (action) => {
      const named = await actionsNamed(action)
      const asked = accompanying.has(action.toLowerCase()) ? [...named, ...assumptions] : named
      const known = await Promise.all(asked.map((name) => suppliesKey(name, key)))
      const isKnown =
        isPattern(action) || accompanying.has(action.toLowerCase()) ? known.includes(true) : !known.includes(false)
      return named.length === 0 || isKnown ? [] : [action]
    }),
  )
  return checked.flat()
}

const assumptions = ['sts:AssumeRole', 'sts:AssumeRoleWithSAML', 'sts:AssumeRoleWithWebIdentity']
const accompanying = new Set(['sts:tagsession', 'sts:setsourceidentity', 'sts:setcontext'])

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html, "Available keys for AWS OIDC federation" */
const claims = ['amr', 'aud', 'email', 'oaud', 'sub']

function isClaim(key: string, { Principal }: Statement): boolean {
  const providers = typeof Principal === 'object' ? (Principal.Federated ?? []) : []
  return providers
    .map((provider) => provider.replace(/^arn:[^:]*:iam::[^:]*:oidc-provider\//, ''))
    .some((issuer) => claims.some((claim) => sameKey(key, `${issuer}:${claim}`)))
}
