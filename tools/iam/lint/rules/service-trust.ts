/**
 * A service that names the resource on whose behalf it assumes a role must be restricted to this account: otherwise a schedule, pipe or
 * configuration set of another account could make it act under our role. Two tables list which services do. A service in neither table is
 * a finding.
 */
import { requires } from '../conditions.ts'
import type { Rule } from '../rule.ts'

/**
 * Services whose documentation has aws:SourceAccount in the trust policy of their role.
 * Sources: docs/design/tools.md#which-services-support-sourceaccount-in-a-trust-policy
 */
const supplies = new Set([
  'ecs-tasks.amazonaws.com',
  'pipes.amazonaws.com',
  'scheduler.amazonaws.com',
  'ses.amazonaws.com',
  'sms-voice.amazonaws.com',
])
/** Services whose documentation does not, so the condition could lock the service out. They are restricted by who may pass them the role. */
const undocumented = new Set([
  'cloudformation.amazonaws.com',
  'ec2.amazonaws.com',
  'events.amazonaws.com',
  'lambda.amazonaws.com',
  'sns.amazonaws.com',
])

export const serviceTrust: Rule = {
  name: 'service-trust',
  statement: (one) => {
    const { parsed, kind } = one
    if (kind !== 'trust' || parsed?.Effect !== 'Allow' || typeof parsed.Principal !== 'object') return []
    if (requires(parsed, 'aws:SourceAccount', 'StringEquals')) return []
    return (parsed.Principal.Service ?? [])
      .filter((service) => !undocumented.has(service))
      .map((service) =>
        supplies.has(service)
          ? one.violation(
              ['Principal'],
              `${one.name} allows ${service} to act on behalf of any account.`,
              'Add the condition StringEquals aws:SourceAccount with Ref AWS::AccountId.',
            )
          : one.violation(
              ['Principal'],
              `${one.name} allows ${service}, and tools/iam/lint/rules/service-trust.ts does not list whether it supplies aws:SourceAccount.`,
              'Add the service to a table in that file, with the source, or add the condition StringEquals aws:SourceAccount.',
            ),
      )
  },
}
