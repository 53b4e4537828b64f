/**
 * `*` stands only where AWS has no resource to name, and says so: in a comment beside it, or above the statement in words that hold
 * "resource", "knows no" or "*"; in a JSON template, which has no comments, in the resource's `Metadata.Reasons` under the Sid.
 *
 * The other way round, an action without resources is only granted by `*`: with an ARN beside it, it is never granted.
 */
import type { Rule } from '../rule.ts'
import { actionsNamed, isPattern, resourceTypesOf } from '../service-authorization.ts'
import type { LintStatement } from '../template.ts'

/**
 * Kinds of resource that an action can be held to but that are not what we grant it for.
 * A tenant's list is another than the account's, whose calls name no resource; a dataset is another than the metrics of a namespace.
 */
const besides = new Set(['ses/tenant', 'cloudwatch/dataset'])

/** All there is, or all of a service in an account: the ARN names no kind of resource. */
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
    if (!resources.some(isEverything))
      return (await withoutAny(actions)).map(({ name }) =>
        one.complaint(
          ['Resource'],
          `${one.name} names a resource for ${name}, which knows none: it is never granted.`,
          "Give it a statement of its own with Resource '*' and the reason.",
        ),
      )
    const wide = actions
      .filter(({ types }) => types.length > 0)
      .map(({ name, types }) =>
        one.complaint(
          ['Resource'],
          `${one.name} allows ${name} on every resource.`,
          `Name the ${types.slice(0, 3).join(', the ')}${types.length > 3 ? ' or the like' : ''}, by ARN.`,
        ),
      )
    if (wide.length > 0 || isReasoned(one)) return wide
    return [
      one.complaint(
        ['Resource'],
        `${one.name} takes every resource and does not say why.`,
        'Say in a comment beside it which resource AWS does not know.',
      ),
    ]
  },
}

const counts = (action: string, type: string) => !besides.has(`${action.split(':')[0]}/${type}`)

/** Those that AWS marks as knowing no resource at all. What only knows a kind of `besides` may be granted on that kind. */
async function withoutAny<T extends { name: string }>(actions: readonly T[]): Promise<T[]> {
  const counted = await Promise.all(
    actions.map(async (one) => ((await resourceTypesOf(one.name)).length === 0 ? [one] : [])),
  )
  return counted.flat()
}

function isReasoned({ resource, path, raw, parsed }: LintStatement): boolean {
  const { source, id } = resource
  const beside = [source.commentAbove([...path, 'Resource']), source.commentWithin([...path, 'Resource'])]
  if (beside.some((comment) => comment !== '')) return true
  if (/\bresources?\b|\*|\bknows no\b/i.test(source.commentAbove(path))) return true
  const reasons = Object(Object(Object(Object(source.value).Resources)[id]).Metadata).Reasons
  const reason = Object(reasons)[String(raw.Sid)]
  return parsed !== undefined && typeof reason === 'string' && reason !== ''
}
