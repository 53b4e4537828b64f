/**
 * A trust policy that allows another account requires the external id by StringEquals. A pattern can be guessed, and IfExists accepts a
 * request without an id. Without an external id, a third party can make the other account assume the role on its behalf (confused deputy).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
import type { Statement } from '../../../../src/policy/document.ts'
import { requires } from '../conditions.ts'
import { ownAccount } from '../placeholders.ts'
import type { Rule } from '../rule.ts'
import { actionsNamed } from '../service-authorization.ts'

export const externalTrust: Rule = {
  name: 'external-trust',
  statement: async (one) => {
    const { parsed, kind } = one
    if (kind !== 'trust' || parsed?.Effect !== 'Allow' || requires(parsed, 'sts:ExternalId', 'StringEquals')) return []
    const actions = await Promise.all((parsed.Action ?? []).map(actionsNamed))
    const mayAssume = (parsed.Action ?? []).includes('*') || actions.flat().includes('sts:AssumeRole')
    return mayAssume && externalPrincipalsIn(parsed).length > 0
      ? [
          one.violation(
            ['Principal'],
            `${one.name} allows another account without an external id.`,
            'Add the condition StringEquals sts:ExternalId.',
          ),
        ]
      : []
  },
}

function externalPrincipalsIn({ Principal }: Statement): string[] {
  const named = Principal === '*' ? ['*'] : (Principal?.AWS ?? [])
  return named.filter((principal) => {
    const account = /^arn:[^:]*:(?:iam|sts|any):[^:]*:([^:]*):/.exec(principal)?.[1] ?? principal
    return account !== ownAccount
  })
}
