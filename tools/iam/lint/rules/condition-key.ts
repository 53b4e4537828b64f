/**
 * A key that the requests of an action never carry decides nothing: an Allow on it never applies, a Deny on it may never either.
 *
 * It must be global, or known for every action of the statement. In a trust policy the claims of the identity provider that the
 * statement names count too, whatever the provider, and what goes with sts:AssumeRole goes with the actions beside it, because they
 * are parts of the same request.
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
            one.complaint(
              ['Condition', operator, key],
              `${one.name} asks for ${key}, which no request for ${action} carries.`,
              'Use a key that stands beside the action in the Service Authorization Reference, or give the action a statement of its own.',
            ),
          )
      }),
    )
    return checked.flat()
  },
}

/** The actions of the statement that do not know the key. A pattern knows it when one of the actions that it stands for does. */
async function actionsWithout(key: string, { Action = [] }: Statement): Promise<string[]> {
  const checked = await Promise.all(
    Action.map(async (action) => {
      const named = await actionsNamed(action)
      const asked = ridesAlong.has(action.toLowerCase()) ? [...named, ...assumptions] : named
      const known = await Promise.all(asked.map((name) => suppliesKey(name, key)))
      const isKnown =
        isPattern(action) || ridesAlong.has(action.toLowerCase()) ? known.includes(true) : !known.includes(false)
      return named.length === 0 || isKnown ? [] : [action]
    }),
  )
  return checked.flat()
}

const assumptions = ['sts:AssumeRole', 'sts:AssumeRoleWithSAML', 'sts:AssumeRoleWithWebIdentity']
const ridesAlong = new Set(['sts:tagsession', 'sts:setsourceidentity', 'sts:setcontext'])

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html, "Available keys for AWS OIDC federation" */
const claims = ['amr', 'aud', 'email', 'oaud', 'sub']

function isClaim(key: string, { Principal }: Statement): boolean {
  const providers = typeof Principal === 'object' ? (Principal.Federated ?? []) : []
  return providers
    .map((provider) => provider.replace(/^arn:[^:]*:iam::[^:]*:oidc-provider\//, ''))
    .some((issuer) => claims.some((claim) => sameKey(key, `${issuer}:${claim}`)))
}
