/**
 * SES does not check the sender of bulk mail in the v2 API: a SendBulkEmail request carries no ses:FromAddress, so neither an Allow nor a
 * Deny with that condition ever applies. Restrict bulk sending by the ARN of the identity.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
 */
import { matchesAction } from '../../../../src/policy/match.ts'
import { conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'

/** @param action may be a pattern */
export const isBulkUnderFromAddress = (action: string, key: string): boolean =>
  matchesAction(action, 'ses:SendBulkEmail') && sameKey(key, 'ses:FromAddress')

export const bulkSending: Rule = {
  name: 'bulk-sending',
  statement: (one) => {
    const { parsed } = one
    if (parsed === undefined) return []
    return conditionsOf(parsed)
      .filter(({ key }) => (parsed.Action ?? []).some((action) => isBulkUnderFromAddress(action, key)))
      .map(({ operator, key }) =>
        one.violation(
          ['Condition', operator, key],
          `${one.name} restricts ses:SendBulkEmail by ${key}, which SES does not supply for this action.`,
          'Move ses:SendBulkEmail to its own statement whose Resource names the identities.',
        ),
      )
  },
}
