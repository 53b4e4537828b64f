/**
 * A service that says for whose resource it takes a role is held to this account: otherwise somebody else's schedule, pipe or
 * configuration set could make it act under our role. Which services say so stands in a table: a service that is not in it is
 * a finding, because nobody has looked.
 */
import { demands } from '../conditions.ts'
import type { Rule } from '../rule.ts'

/**
 * Those whose documentation has aws:SourceAccount in the trust policy of their role.
 * Sources: docs/decisions/0122-which-services-say-whom-they-act-for.md
 */
const supplies = new Set([
  'ecs-tasks.amazonaws.com',
  'pipes.amazonaws.com',
  'scheduler.amazonaws.com',
  'ses.amazonaws.com',
  'sms-voice.amazonaws.com',
])
/** Those whose documentation does not: a demand could shut the service out. What holds them is who may pass the role to them. */
const unsaid = new Set([
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
    if (demands(parsed, 'aws:SourceAccount', 'StringEquals')) return []
    return (parsed.Principal.Service ?? [])
      .filter((service) => !unsaid.has(service))
      .map((service) =>
        supplies.has(service)
          ? one.complaint(
              ['Principal'],
              `${one.name} lets ${service} in for whomever it acts.`,
              'Add the condition StringEquals aws:SourceAccount with Ref AWS::AccountId.',
            )
          : one.complaint(
              ['Principal'],
              `${one.name} lets ${service} in, of which tools/iam/lint/rules/service-trust.ts does not know whether it supplies aws:SourceAccount.`,
              'Look it up in its documentation and enter it there with the source, or demand aws:SourceAccount.',
            ),
      )
  },
}
