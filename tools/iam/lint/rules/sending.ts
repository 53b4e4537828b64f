/**
 * SES authorises a mail on the identity, on the configuration set if the request names one or the identity has a default, and on the template
 * if there is one. A role that names only the identity sends until somebody sets a default configuration set; then every mail is refused.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
 */
import type { Rule } from '../rule.ts'
import { actionsNamed, canBe, resourceTypesOf } from '../service-authorization.ts'
import type { LintStatement } from '../template.ts'

const sends = /^ses:Send(Raw|Bulk|Templated|BulkTemplated)?Email$/
/** Mail from a template only. SendEmail may use one. */
const usesTemplate = /^ses:Send(Bulk|Templated|BulkTemplated)Email$/

export const sending: Rule = {
  name: 'sending',
  resource: async (_, statements) => {
    const grants = statements.filter(({ kind, parsed }) => kind === 'identity' && parsed?.Effect === 'Allow')
    const sent = await Promise.all(grants.map(async (one) => ({ one, actions: await sendingActionsOf(one) })))
    const missing = await Promise.all(
      sent.flatMap(({ one, actions }) =>
        actions.map(async (action) => {
          const resources = sent
            .filter((other) => other.actions.includes(action))
            .flatMap((other) => other.one.parsed?.Resource ?? [])
          const needed = await neededBy(action)
          const covered = await Promise.all(
            needed.map(async (type) =>
              (await Promise.all(resources.map((resource) => canBe(resource, 'ses', type)))).includes(true),
            ),
          )
          return { one, action, types: needed.filter((_, index) => !covered[index]) }
        }),
      ),
    )
    return missing
      .filter(({ types }) => types.length > 0)
      .map(({ one, action, types }) =>
        one.violation(
          ['Resource'],
          `${one.name} allows ${action} and names no ${types.join(' and no ')}: SES refuses a mail with one.`,
          `Add the ARN of the ${types.join(' and of the ')} to Resource.`,
        ),
      )
  },
}

const sendingActionsOf = async ({ parsed }: LintStatement): Promise<string[]> =>
  (await Promise.all((parsed?.Action ?? []).map(actionsNamed))).flat().filter((action) => sends.test(action))

const neededBy = async (action: string): Promise<string[]> =>
  (await resourceTypesOf(action)).filter(
    (type) => ['identity', 'configuration-set'].includes(type) || (type === 'template' && usesTemplate.test(action)),
  )
