/**
 * Requests that stand for all requests, with regard to a set of statements.
 *
 * A statement sees a request only through its patterns and conditions. Two requests that match the same of them are judged alike by every
 * policy that contains only these statements. This module yields at least one request of each such class, action by action, and for each
 * action only with regard to the statements that cover it. Why that is exact: docs/proofs.md
 */
import { isMultiValuedKey } from '../condition-keys.ts'
import type { PolicyDocument, Statement } from '../document.ts'
import { type AccessRequest, type Context, keysOfPrincipal, type Principal, principalKeys } from '../request.ts'
import { actionMismatch, resourceMismatch } from '../statement.ts'
import type { Lookup } from '../variables.ts'
import { actionClassesOf } from './action-classes.ts'
import { type KeyCondition, type KeyValue, keyClassesOf } from './key-values.ts'
import { ownerOf, resourceClassesOf, type VersionedStatement } from './resource-classes.ts'
import { UndecidableQuestionError } from './undecidable.ts'
import { assignmentsOf } from './variable-values.ts'

export type Space = {
  /** The policies whose statements are to be distinguished. Policies beyond these must not decide. */
  readonly documents: readonly PolicyDocument[]
  /** One principal of each class: principals.ts, or the one that is asked about. */
  readonly principals: readonly Principal[]
  /** The account of resources whose ARN has none, and of the request's resource as far as evaluation across accounts is concerned. */
  readonly account: string
  /** Only actions that one of these patterns matches. Default: all. */
  readonly actions?: readonly string[]
  /** Only this resource: that of a resource or trust policy. */
  readonly resource?: string
  /** Keys with one value in every request that is considered; `undefined` if the key is absent. */
  readonly fixed?: Readonly<Record<string, KeyValue>>
  /** Actions that AWS has, as readable representatives. */
  readonly suggestedActions?: readonly string[]
  /** Whether a request can matter that exactly these statements cover by action, or by action and resource. Default: each can. */
  readonly matters?: (covering: ReadonlySet<Statement>) => boolean
}

export type Representative = {
  readonly request: AccessRequest
  /** The statements that cover the request's action and resource. No other statement takes part in the decision. */
  readonly covering: ReadonlySet<Statement>
}

const maxCombinations = 250_000

/** @throws UndecidableQuestionError before the first request of an action that has too many classes */
export function* representativesOf(space: Space): Generator<Representative> {
  const all = space.documents.flatMap((document) =>
    document.Statement.map((statement): VersionedStatement => ({ statement, version: document.Version })),
  )
  const limits = space.actions ?? ['*']
  const patterns = all.flatMap(({ statement }) => statement.Action ?? statement.NotAction ?? [])
  for (const action of actionClassesOf([...patterns, ...limits], limits, space.suggestedActions ?? [])) {
    if (actionMismatch({ Effect: 'Allow', Action: [...limits] }, action) !== undefined) continue
    const covering = all.filter(({ statement }) => actionMismatch(statement, action) === undefined)
    if (space.matters?.(statementsOf(covering)) === false) continue
    for (const principal of space.principals) yield* ofPrincipal(space, action, principal, covering)
  }
}

const statementsOf = (list: readonly VersionedStatement[]) => new Set(list.map(({ statement }) => statement))

function* ofPrincipal(
  space: Space,
  action: string,
  principal: Principal,
  covering: readonly VersionedStatement[],
): Generator<Representative> {
  const conditions = conditionsOf(covering)
  const given = new Map<string, KeyValue>(
    [
      ...Object.entries(space.fixed ?? {}),
      ...principalKeys.map((key) => [key, undefined] as const),
      ...Object.entries(keysOfPrincipal(principal)),
    ].map(([key, value]) => [key.toLowerCase(), value]),
  )
  for (const variables of assignmentsOf({ covering, conditions, given })) {
    const lookUp: Lookup = (key) => given.get(key.toLowerCase()) ?? variables.get(key.toLowerCase())
    const resources =
      space.resource === undefined
        ? resourceClassesOf({
            statements: covering,
            ownerConditions: conditions.get(ownerKey) ?? [],
            lookUp,
            service: action.split(':')[0] ?? '',
            account: space.account,
          })
        : [space.resource]
    for (const resource of resources) {
      const narrowed = covering.filter(
        ({ statement, version }) =>
          (statement.Resource === undefined && statement.NotResource === undefined) ||
          resourceMismatch(statement, version, resource, lookUp) === undefined,
      )
      const statements = statementsOf(narrowed)
      if (space.matters?.(statements) === false) continue
      for (const context of contextsOf(narrowed, resource, given, variables, space.fixed ?? {}))
        yield {
          request: { principal, action, resource, resourceAccount: space.account, context },
          covering: statements,
        }
    }
  }
}

const ownerKey = 'aws:resourceaccount'

/** All conditions of the statements, by key in lower case. */
function conditionsOf(statements: readonly VersionedStatement[]): Map<string, KeyCondition[]> {
  const found = new Map<string, KeyCondition[]>()
  for (const { statement, version } of statements)
    for (const [operator, keys] of Object.entries(statement.Condition ?? {}))
      for (const [key, expected] of Object.entries(keys)) {
        const list = found.get(key.toLowerCase()) ?? []
        if (list.length === 0) found.set(key.toLowerCase(), list)
        list.push({ operator, key, expected, version })
      }
  return found
}

/** Every combination of the classes of the keys that the statements look at. */
function* contextsOf(
  statements: readonly VersionedStatement[],
  resource: string,
  given: ReadonlyMap<string, KeyValue>,
  variables: ReadonlyMap<string, KeyValue>,
  fixed: Readonly<Record<string, KeyValue>>,
): Generator<Context> {
  const owner = ownerOf(resource)
  const derived: Record<string, string | readonly string[]> = {}
  for (const [key, value] of Object.entries(fixed)) if (value !== undefined) derived[key] = value
  if (owner !== undefined) derived['aws:ResourceAccount'] = owner
  const lookUp: Lookup = (key) => given.get(key.toLowerCase()) ?? variables.get(key.toLowerCase())
  const dimensions: { key: string; values: readonly KeyValue[] }[] = []
  for (const [key, list] of conditionsOf(statements)) {
    if (given.has(key) || variables.has(key) || (key === ownerKey && owner !== undefined)) continue
    const isList = isMultiValuedKey(key) || list.some(({ operator }) => operator.includes(':'))
    dimensions.push({ key: list[0]?.key ?? key, values: keyClassesOf(key, list, lookUp, isList) })
  }
  const combinations = dimensions.reduce((product, { values }) => product * values.length, 1)
  if (combinations > maxCombinations)
    throw new UndecidableQuestionError(
      dimensions.map(({ key, values }) => `${key} (${values.length})`).join(' × '),
      `has ${combinations} combinations of classes, more than ${maxCombinations}`,
      'Name a resource, or give keys a value',
    )
  for (const [key, value] of variables) if (value !== undefined) derived[writtenName(key, statements)] = value
  for (let number = 0; number < combinations; number++) yield { ...derived, ...combination(dimensions, number) }
}

/** The name of a key as a statement writes it. */
function writtenName(key: string, statements: readonly VersionedStatement[]): string {
  const text = JSON.stringify(statements)
  const at = text.toLowerCase().indexOf(key)
  return at === -1 ? key : text.slice(at, at + key.length)
}

function combination(dimensions: readonly { key: string; values: readonly KeyValue[] }[], number: number): Context {
  const chosen: Record<string, string | readonly string[]> = {}
  let rest = number
  for (const { key, values } of dimensions) {
    const value = values[rest % values.length]
    rest = Math.floor(rest / values.length)
    if (value !== undefined) chosen[key] = value
  }
  return chosen
}
