/**
 * Whoever lets another account in demands the external id, and by StringEquals: a pattern can be met by guessing, IfExists by leaving
 * the id out. Without it, the other account can be made to come in on behalf of somebody else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
import type { Statement } from '../../../../src/policy/document.ts'
import { demands } from '../conditions.ts'
import type { Rule } from '../rule.ts'
import { actionsNamed } from '../service-authorization.ts'
import { ownAccount } from '../stand-ins.ts'

export const externalTrust: Rule = {
  name: 'external-trust',
  statement: async (one) => {
    const { parsed, kind } = one
    if (kind !== 'trust' || parsed?.Effect !== 'Allow' || demands(parsed, 'sts:ExternalId', 'StringEquals')) return []
    const actions = await Promise.all((parsed.Action ?? []).map(actionsNamed))
    const mayAssume = (parsed.Action ?? []).includes('*') || actions.flat().includes('sts:AssumeRole')
    return mayAssume && strangersIn(parsed).length > 0
      ? [
          one.complaint(
            ['Principal'],
            `${one.name} lets another account in without an external id.`,
            'Add the condition StringEquals sts:ExternalId.',
          ),
        ]
      : []
  },
}

function strangersIn({ Principal }: Statement): string[] {
  const named = Principal === '*' ? ['*'] : (Principal?.AWS ?? [])
  return named.filter((principal) => {
    const account = /^arn:[^:]*:(?:iam|sts|any):[^:]*:([^:]*):/.exec(principal)?.[1] ?? principal
    return account !== ownAccount
  })
}
