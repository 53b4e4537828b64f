/**
 * `*` is valid only where AWS defines no resource, with a reason: in a comment beside it, or in a comment above the statement that contains
 * "resource", "knows no" or "*". In a JSON template, which has no comments, the reason is in the resource's `Metadata.Reasons` under the Sid.
 *
 * Conversely, an action without resources is granted only by `*`. With an ARN it is never granted, and neither is an action with ARNs of
 * types only that it does not support.
 */
import type { Rule } from '../rule.ts'
import { actionsNamed, isPattern, resourceTypesOf, supportsAny } from '../service-authorization.ts'
import type { LintStatement } from '../template.ts'

/**
 * Types of resource that do not count, because the grant is for something else: calls for the account's suppression list name no resource,
 * only those for a tenant's list do; metrics of a namespace are no dataset.
 */
const ignoredTypes = new Set(['ses/tenant', 'cloudwatch/dataset'])

/** All resources, or all of one service in an account: the ARN names no type of resource. */
const isEverything = (resource: string) => /^(\*+|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*+)$/.test(resource)

export const starResource: Rule = {
  name: 'star-resource',
  statement: async (one) => {
    const { parsed, kind } = one
    if (kind !== 'identity' || parsed?.Effect !== 'Allow') return []
    const resources = parsed.Resource ?? []
    const named = await Promise.all((parsed.Action ?? []).filter((action) => !isPattern(action)).map(actionsNamed))
    const actions = await Promise.all(
      named
        .flat()
        .map(async (name) => ({ name, types: (await resourceTypesOf(name)).filter((type) => counts(name, type)) })),
    )
    if (resources.length === 0) return []
    if (!resources.some(isEverything)) return neverGranted(one, named.flat(), resources)
    const wide = actions
      .filter(({ types }) => types.length > 0)
      .map(({ name, types }) =>
        one.violation(
          ['Resource'],
          `${one.name} allows ${name} on every resource.`,
          `Name the ${types.slice(0, 3).join(', the ')}${types.length > 3 ? ' or another type' : ''}, by ARN.`,
        ),
      )
    if (wide.length > 0 || hasReason(one)) return wide
    return [
      one.violation(
        ['Resource'],
        `${one.name} allows every resource without a reason.`,
        'Add a comment beside the * that says why AWS has no resource to name.',
      ),
    ]
  },
}

const counts = (action: string, type: string) => !ignoredTypes.has(`${action.split(':')[0]}/${type}`)

/** The actions that none of the resources can be of. An action that has only ignored types may be granted on those. */
async function neverGranted(one: LintStatement, actions: readonly string[], resources: readonly string[]) {
  const checked = await Promise.all(
    actions.map(async (name) => {
      const types = await resourceTypesOf(name)
      if (types.length === 0)
        return [
          one.violation(
            ['Resource'],
            `${one.name} names a resource for ${name}, which has no resources: the action is never granted.`,
            "Move the action to its own statement with Resource '*' and the reason in a comment.",
          ),
        ]
      if (await supportsAny(name, resources)) return []
      const counted = types.filter((type) => counts(name, type))
      return [
        one.violation(
          ['Resource'],
          `${one.name} names no resource that ${name} supports: the action is never granted.`,
          counted.length > 0
            ? `Name the ${counted.slice(0, 3).join(', the ')}${counted.length > 3 ? ' or another type' : ''}, by ARN.`
            : "Move the action to its own statement with Resource '*' and the reason in a comment.",
        ),
      ]
    }),
  )
  return checked.flat()
}

function hasReason({ resource, path, raw, parsed }: LintStatement): boolean {
  const { source, id } = resource
  const beside = [source.commentAbove([...path, 'Resource']), source.commentWithin([...path, 'Resource'])]
  if (beside.some((comment) => comment !== '')) return true
  if (/\bresources?\b|\*|\bknows no\b/i.test(source.commentAbove(path))) return true
  const reasons = Object(Object(Object(Object(source.value).Resources)[id]).Metadata).Reasons
  const reason = Object(reasons)[String(raw.Sid)]
  return parsed !== undefined && typeof reason === 'string' && reason !== ''
}
