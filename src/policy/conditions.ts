/**
 * The Condition element of a statement: every operator and every key of it must be met.
 *
 * Absent keys follow AWS: a positive operator fails, a negated one succeeds, IfExists succeeds, ForAllValues succeeds,
 * ForAnyValue fails. What cannot be judged (an unknown operator or key, a value of the wrong kind, a list without a set
 * operator) is closed: not met in an Allow, met in a Deny.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
import { isKnownKey, isSilentKey } from './condition-keys.ts'
import type { Mismatch } from './decision.ts'
import type { Statement } from './document.ts'
import { type Operator, operators } from './operators.ts'
import { fillIn, type Lookup } from './variables.ts'

type Judgement = boolean | { closed: string }
type Form = { set?: 'ForAllValues' | 'ForAnyValue'; ifExists: boolean; operator: Operator }

export type ConditionOutcome = { met: boolean; mismatch?: Mismatch; closed?: string }

/** The first condition that fails, or that all are met; `closed` says what had to be judged closed on the way. */
export function judgeConditions(statement: Statement, version: string, lookUp: Lookup): ConditionOutcome {
  const closed: string[] = []
  for (const [name, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, wanted] of Object.entries(keys)) {
      const seen = lookUp(key)
      const judgement = judge(name, key, wanted, seen, (value) => fillIn(value, version, lookUp))
      const met = typeof judgement === 'boolean' ? judgement : statement.Effect === 'Deny'
      if (typeof judgement !== 'boolean') closed.push(judgement.closed)
      if (met) continue
      const mismatch: Mismatch = { element: 'condition', operator: name, key, ...shown(key, wanted, seen) }
      return closed.length === 0 ? { met, mismatch } : { met, mismatch, closed: closed.join('; ') }
    }
  }
  return closed.length === 0 ? { met: true } : { met: true, closed: closed.join('; ') }
}

type Values = string | readonly string[] | undefined

function judge(
  name: string,
  key: string,
  wanted: readonly string[],
  seen: Values,
  fill: (value: string) => ReturnType<typeof fillIn>,
): Judgement {
  if (seen === undefined && !isKnownKey(key)) return { closed: `${key} is not a condition key that we supply` }
  const present = seen !== undefined && seen.length !== 0
  if (name === 'Null') return judgeNull(wanted, Array.isArray(seen) ? present : seen !== undefined)
  const form = formOf(name)
  if (form === undefined) return { closed: `${name} is not a condition operator` }
  if (seen === undefined || (Array.isArray(seen) && !present)) {
    if (form.ifExists) return true
    return form.set === undefined ? form.operator.negated : form.set === 'ForAllValues'
  }
  if (typeof seen !== 'string' && form.set === undefined) {
    return { closed: `${key} holds a list and ${name} lacks ForAllValues or ForAnyValue` }
  }
  const patterns = wanted.map(fill)
  const results = (typeof seen === 'string' ? [seen] : seen).map((value) => {
    let doubt = false
    const found = patterns.some((pattern) => {
      const equal = pattern === undefined ? false : form.operator.compare(pattern, value)
      doubt ||= equal === undefined
      return equal === true
    })
    if (doubt && !found) return undefined
    return found !== form.operator.negated
  })
  if (results.includes(undefined)) return { closed: `${key} or its wanted value cannot be read by ${name}` }
  return form.set === 'ForAnyValue' ? results.includes(true) : !results.includes(false)
}

function judgeNull(wanted: readonly string[], present: boolean): Judgement {
  const values = wanted.map((value) => value.toLowerCase())
  if (!values.every((value) => value === 'true' || value === 'false'))
    return { closed: 'Null takes only true or false' }
  return values.includes(present ? 'false' : 'true')
}

export function formOf(name: string): Form | undefined {
  const parts = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name)
  const operator = operators.get(parts?.[2] ?? '')
  if (operator === undefined) return undefined
  const set = parts?.[1]
  const ifExists = parts?.[3] !== undefined
  return set === 'ForAllValues' || set === 'ForAnyValue' ? { set, ifExists, operator } : { ifExists, operator }
}

/** External ids, names and addresses never leave this function. */
function shown(key: string, wanted: readonly string[], seen: Values) {
  const values = typeof seen === 'string' ? [seen] : seen
  const silent = isSilentKey(key)
  const hide = (value: string) => (silent || value.includes('@') ? '(hidden)' : value)
  return { wanted: silent ? wanted.map(hide) : wanted, seen: values?.map(hide) }
}
