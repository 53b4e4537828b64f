/**
 * The ARN of a bucket names no account, and the names of buckets are those of all accounts. Without a condition on the account, a grant on
 * buckets by a pattern also reaches another account's bucket of such a name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
 */
import { requires } from '../conditions.ts'
import type { Rule } from '../rule.ts'
import { actionsNamed, canBe } from '../service-authorization.ts'

/** A bucket that is named completely is ours as long as it exists. What `*` alone reaches is the question of star-resource. */
const isPatternOfBuckets = async (resource: string): Promise<boolean> => {
  if (resource === '*' || !/^[^/]*[*?]/.test(resource) || resource.startsWith('arn:aws:any:')) return false
  return (await canBe(resource, 's3', 'bucket')) || canBe(resource, 's3', 'object')
}

export const bucketAccount: Rule = {
  name: 'bucket-account',
  statement: async (one) => {
    const { parsed, kind } = one
    if (kind !== 'identity' || parsed?.Effect !== 'Allow') return []
    if (requires(parsed, 'aws:ResourceAccount', 'StringEquals')) return []
    const actions = (await Promise.all((parsed.Action ?? []).map(actionsNamed))).flat()
    // A bucket that is yet to be created belongs to no account.
    const reaching = actions.filter((action) => action.startsWith('s3:') && action !== 's3:CreateBucket')
    const patterns = await Promise.all((parsed.Resource ?? []).map(isPatternOfBuckets))
    return reaching.length > 0 && patterns.includes(true)
      ? [
          one.violation(
            ['Resource'],
            `${one.name} allows ${reaching[0]} on buckets of any account.`,
            'Add the condition StringEquals aws:ResourceAccount with Ref AWS::AccountId.',
          ),
        ]
      : []
  },
}
