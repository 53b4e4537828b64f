/** The conditions of a statement, one entry per operator and key. Keys are compared as IAM compares them: case-insensitively. */
import type { Statement } from '../../../src/policy/document.ts'

export type Condition = { readonly operator: string; readonly key: string; readonly values: readonly string[] }

export const conditionsOf = (statement: Statement): Condition[] =>
  Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
  )

export const sameKey = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Whether the statement has a condition on the key with one of these operators (exact spelling). */
export const requires = (statement: Statement, key: string, ...operators: string[]): boolean =>
  conditionsOf(statement).some((one) => sameKey(one.key, key) && operators.includes(one.operator))
