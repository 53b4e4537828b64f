/**
 * SES does not look at the sender of bulk mail by the v2 API: SendBulkEmail carries no ses:FromAddress, so an Allow under it never
 * applies, and a Deny under it never either. Bulk sending is bound by the ARN of the identity.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
 */
import { conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'

export const isBulkUnderFromAddress = (action: string, key: string): boolean =>
  action.toLowerCase() === 'ses:sendbulkemail' && sameKey(key, 'ses:FromAddress')

export const bulkSending: Rule = {
  name: 'bulk-sending',
  statement: (one) => {
    const { parsed } = one
    if (parsed === undefined) return []
    return conditionsOf(parsed)
      .filter(({ key }) => (parsed.Action ?? []).some((action) => isBulkUnderFromAddress(action, key)))
      .map(({ operator, key }) =>
        one.complaint(
          ['Condition', operator, key],
          `${one.name} holds ses:SendBulkEmail to ${key}, which SES does not supply for it.`,
          'Give it a statement of its own whose Resource names the identities.',
        ),
      )
  },
}
