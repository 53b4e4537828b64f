/**
 * Values of the keys that occur as policy variables, such as `${aws:PrincipalTag/project}`.
 *
 * A key whose value the question fixes is substituted. A key without a fixed value is divided into classes, if it occurs as the whole of an
 * expected text only: a condition then says that two keys are equal, and it is enough to try each class of their common patterns. A
 * variable within a longer pattern has no such classes, and the question is refused.
 */
import { isMultiValuedKey } from '../condition-keys.ts'
import type { KeyCondition, KeyValue } from './key-values.ts'
import { singleValuesOf } from './key-values.ts'
import type { VersionedStatement } from './resource-classes.ts'
import { UndecidableQuestionError } from './undecidable.ts'

type Question = {
  readonly covering: readonly VersionedStatement[]
  /** By key in lower case. */
  readonly conditions: ReadonlyMap<string, readonly KeyCondition[]>
  readonly given: ReadonlyMap<string, KeyValue>
}

export type Assignment = ReadonlyMap<string, KeyValue>

/** Every class of values of the variables: by key in lower case; `undefined` is absence. One empty assignment if there are none. */
export function assignmentsOf({ covering, conditions, given }: Question): Assignment[] {
  const all = [...conditions.values()].flat()
  const keys = new Set<string>()
  for (const { statement, version } of covering)
    for (const pattern of statement.Resource ?? statement.NotResource ?? [])
      for (const key of variablesIn(pattern, version)) if (!given.has(key)) throw embedded(key)
  for (const { operator, expected, version } of all)
    for (const value of expected)
      for (const key of variablesIn(value, version)) {
        if (given.has(key)) continue
        if (
          isMultiValuedKey(key) ||
          !isWholeVariable(value) ||
          !/(^|:)(String(Not)?(Equals|Like)|Arn\w+?)(IfExists)?$/.test(operator)
        )
          throw embedded(key)
        keys.add(key)
      }
  return [...keys].reduce<Assignment[]>(
    (found, key) =>
      found.flatMap((assigned) => {
        // The patterns of the key itself, and of each key that is compared with it. Variables with a value are literal text.
        const related = all.filter(
          (one) =>
            one.key.toLowerCase() === key ||
            conditions.get(one.key.toLowerCase())?.some((other) => other.expected.some((value) => usesKey(value, key))),
        )
        const lookUp = (asked: string) => given.get(asked.toLowerCase()) ?? assigned.get(asked.toLowerCase())
        const values: KeyValue[] = [undefined, ...singleValuesOf(key, related, lookUp)]
        const others = [...assigned.values()].filter((value) => value !== undefined)
        return [...new Set([...values, ...others])].map((value) => new Map([...assigned, [key, value]]))
      }),
    [new Map()],
  )
}

const embedded = (key: string) =>
  new UndecidableQuestionError(
    key,
    'is a variable within a pattern and has no fixed value',
    `Give it a value: --when ${key}=VALUE`,
  )

const variable = /\$\{([^}]*)\}/g

/** Keys in lower case. `${*}`, `${?}` and `${$}` are characters. */
function variablesIn(pattern: string, version: string): string[] {
  if (version === '2008-10-17') return []
  return Array.from(pattern.matchAll(variable), ([, expression = '']) => keyOf(expression)).filter(
    (key) => !['*', '?', '$'].includes(key),
  )
}

const keyOf = (expression: string) => (expression.split(',')[0] ?? '').trim().toLowerCase()
const isWholeVariable = (value: string) => /^\$\{[^}]*\}$/.test(value)
const usesKey = (value: string, key: string) =>
  Array.from(value.matchAll(variable), ([, expression = '']) => keyOf(expression)).includes(key)
