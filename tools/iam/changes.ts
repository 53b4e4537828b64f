/** Copies of a policy document with a single change. A statement that loses its last action, resource or principal is removed. */
import type { PolicyDocument, Statement } from '../../src/policy/document.ts'

const changed = (
  document: PolicyDocument,
  at: number,
  change: (one: Statement) => Statement | undefined,
): PolicyDocument => ({
  ...document,
  Statement: document.Statement.flatMap((one, index) => (index === at ? (change(one) ?? []) : [one])),
})

type Place = { readonly statement: number }
type ConditionPlace = Place & { readonly operator: string; readonly key: string }
type Listed = 'Action' | 'Resource'

/** @param item index in the list; undefined for all items */
export const withoutItem = (document: PolicyDocument, { statement }: Place, list: Listed, item: number | undefined) =>
  changed(document, statement, (one) => {
    const remaining = (one[list] ?? []).filter((_, index) => item !== undefined && index !== item)
    return remaining.length > 0 ? { ...one, [list]: remaining } : undefined
  })

export const withStar = (document: PolicyDocument, { statement }: Place, list: Listed, item: number | undefined) =>
  changed(document, statement, (one) => ({
    ...one,
    [list]: (one[list] ?? []).map((value, index) => (item === undefined || index === item ? '*' : value)),
  }))

export const withoutPrincipal = (
  document: PolicyDocument,
  { statement }: Place,
  kind: string,
  item: number | undefined,
) =>
  changed(document, statement, (one) => {
    const { Principal: principal } = one
    if (principal === undefined || principal === '*') return undefined
    const remaining = Object.entries(principal).map(
      ([key, names]) =>
        [key, (names ?? []).filter((_, index) => key !== kind || (item !== undefined && index !== item))] as const,
    )

    const named = remaining.filter(([, names]) => names.length > 0)
    return named.length > 0 ? { ...one, Principal: Object.fromEntries(named) } : undefined
  })

export const withAnyPrincipal = (document: PolicyDocument, { statement }: Place) =>
  changed(document, statement, (one) => ({ ...one, Principal: '*' as const }))

const withCondition = (
  document: PolicyDocument,
  { statement, operator, key }: ConditionPlace,
  change: (values: readonly string[]) => [string, readonly string[]] | undefined,
) =>
  changed(document, statement, (one) => {
    const next: Record<string, Record<string, string[]>> = {}
    for (const [name, keys] of Object.entries(one.Condition ?? {})) {
      for (const [each, values] of Object.entries(keys)) {
        const [to, kept] = name === operator && each === key ? (change(values) ?? []) : [name, values]
        if (to !== undefined && kept !== undefined) next[to] = { ...next[to], [each]: [...kept] }
      }
    }
    return { ...one, Condition: next }
  })

export const withoutCondition = (document: PolicyDocument, place: ConditionPlace) =>
  withCondition(document, place, () => undefined)

export const withoutValue = (document: PolicyDocument, place: ConditionPlace, item: number) =>
  withCondition(document, place, (values) => [place.operator, values.filter((_, index) => index !== item)])

const patterns: readonly (readonly [string, string])[] = [
  ['StringEquals', 'StringLike'],
  ['ArnEquals', 'ArnLike'],
]

/** The operator that treats `*` in a value as a wildcard, if there is one. Undefined for negated operators, where a wildcard narrows. */
export function patternOperator(operator: string): string | undefined {
  if (/Not/.test(operator)) return undefined
  if (/(String|Arn)Like/.test(operator)) return operator
  const [from, to] = patterns.find(([name]) => new RegExp(`(^|:)${name}(IfExists)?$`).test(operator)) ?? []
  return from && to ? operator.replace(from, to) : undefined
}

export const withAnyValue = (
  document: PolicyDocument,
  place: ConditionPlace,
  item: number | undefined,
  operator: string,
) =>
  withCondition(document, place, (values) => [
    operator,
    values.map((value, index) => {
      const any = place.key.toLowerCase() === 'aws:principalarn' || operator.includes('Arn') ? 'arn:*:*:*:*:*' : '*'
      return item === undefined || index === item ? any : value
    }),
  ])
