/** The conditions of a statement, one entry per operator and key, keys compared as IAM does: without regard to case. */
import type { Statement } from '../../../src/policy/document.ts'

export type Condition = { readonly operator: string; readonly key: string; readonly values: readonly string[] }

export const conditionsOf = (statement: Statement): Condition[] =>
  Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
  )

export const sameKey = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Whether one of these operators, as they are written, demands something of the key. */
export const demands = (statement: Statement, key: string, ...operators: string[]): boolean =>
  conditionsOf(statement).some((one) => sameKey(one.key, key) && operators.includes(one.operator))
