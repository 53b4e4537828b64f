/**
 * The Condition element of a statement. All of its operators and keys must match.
 *
 * If a key is absent, a positive operator fails, a negated operator succeeds, IfExists succeeds, ForAllValues succeeds and ForAnyValue fails,
 * as in IAM. A condition that cannot be evaluated (an unknown operator or key, a value of the wrong type, a list without a set operator)
 * fails closed: it does not match in an Allow and matches in a Deny.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
import { isKnownKey, isSecretKey } from './condition-keys.ts'
import type { Mismatch } from './decision.ts'
import type { Statement } from './document.ts'
import { type Operator, operators } from './operators.ts'
import { type Lookup, substituteVariables } from './variables.ts'

/** `closed`: why the condition cannot be evaluated. */
type Evaluation = boolean | { closed: string }

/** An operator with its set operator and IfExists: `ForAnyValue:StringLikeIfExists`. */
type OperatorForm = { set?: 'ForAllValues' | 'ForAnyValue'; ifExists: boolean; operator: Operator }

export type ConditionOutcome = { met: boolean; mismatch?: Mismatch; closed?: string }

/** `mismatch` is the first condition that does not match; `closed` lists the conditions that failed closed before it. */
export function evaluateConditions(
  statement: Pick<Statement, 'Effect' | 'Condition'>,
  version: string,
  lookUp: Lookup,
): ConditionOutcome {
  const closed: string[] = []
  for (const [name, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, expected] of Object.entries(keys)) {
      const actual = lookUp(key)
      const evaluation = evaluateCondition(name, key, expected, actual, (value) =>
        substituteVariables(value, version, lookUp),
      )
      const met = typeof evaluation === 'boolean' ? evaluation : statement.Effect === 'Deny'
      if (typeof evaluation !== 'boolean') closed.push(evaluation.closed)
      if (met) continue
      const mismatch: Mismatch = { element: 'condition', operator: name, key, ...shownValues(key, expected, actual) }
      return closed.length === 0 ? { met, mismatch } : { met, mismatch, closed: closed.join('; ') }
    }
  }
  return closed.length === 0 ? { met: true } : { met: true, closed: closed.join('; ') }
}

type Values = string | readonly string[] | undefined

function evaluateCondition(
  name: string,
  key: string,
  expected: readonly string[],
  actual: Values,
  substitute: (value: string) => ReturnType<typeof substituteVariables>,
): Evaluation {
  if (actual === undefined && !isKnownKey(key)) return { closed: `${key} is not a known condition key` }
  const present = actual !== undefined && actual.length !== 0
  if (name === 'Null') return evaluateNull(expected, Array.isArray(actual) ? present : actual !== undefined)
  const form = operatorFormOf(name)
  if (form === undefined) return { closed: `${name} is not a condition operator` }
  if (actual === undefined || (Array.isArray(actual) && !present)) {
    if (form.ifExists) return true
    return form.set === undefined ? form.operator.negated : form.set === 'ForAllValues'
  }
  if (typeof actual !== 'string' && form.set === undefined) {
    return { closed: `${key} is a list and ${name} lacks ForAllValues or ForAnyValue` }
  }
  const patterns = expected.map(substitute)
  const results = (typeof actual === 'string' ? [actual] : actual).map((value) => {
    let isMalformed = false
    const found = patterns.some((pattern) => {
      const equal = pattern === undefined ? false : form.operator.compare(pattern, value)
      isMalformed ||= equal === undefined
      return equal === true
    })
    if (isMalformed && !found) return undefined
    return found !== form.operator.negated
  })
  if (results.includes(undefined)) return { closed: `${name} cannot read the actual or the expected value of ${key}` }
  return form.set === 'ForAnyValue' ? results.includes(true) : !results.includes(false)
}

function evaluateNull(expected: readonly string[], present: boolean): Evaluation {
  const values = expected.map((value) => value.toLowerCase())
  if (!values.every((value) => value === 'true' || value === 'false'))
    return { closed: 'the value of Null must be true or false' }
  return values.includes(present ? 'false' : 'true')
}

export function operatorFormOf(name: string): OperatorForm | undefined {
  const parts = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name)
  const operator = operators.get(parts?.[2] ?? '')
  if (operator === undefined) return undefined
  const set = parts?.[1]
  const ifExists = parts?.[3] !== undefined
  return set === 'ForAllValues' || set === 'ForAnyValue' ? { set, ifExists, operator } : { ifExists, operator }
}

/** The values for a reason, without external ids, display names and addresses. */
function shownValues(key: string, expected: readonly string[], actual: Values) {
  const values = typeof actual === 'string' ? [actual] : actual
  const isSecret = isSecretKey(key)
  const hide = (value: string) => (isSecret || value.includes('@') ? '(hidden)' : value)
  return { expected: isSecret ? expected.map(hide) : expected, actual: values?.map(hide) }
}
