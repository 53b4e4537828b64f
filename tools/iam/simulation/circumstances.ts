/**
 * Circumstances that just meet a condition and circumstances that just fail it, derived from the condition. Each operator, key and value of
 * a role file is tested with an allowed and a denied call.
 */
import type { Statement } from '../../../src/policy/document.ts'
import type { Circumstances } from './simulate.ts'

/** Keys that follow from the caller, not from the request. */
const callerKeys = new Set(['aws:principalarn', 'aws:principalaccount'])

type Case = { readonly met: readonly Circumstances[]; readonly failed: readonly Circumstances[] }

/** `met`: each entry meets the conditions. `failed`: the first of `met` with one key changed or absent (null). */
export function circumstancesOf({ Condition = {} }: Statement): Case {
  const all = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, ...caseOf(operator, key, values) })),
  )
  // Conditions that only require the presence of a key come first, because another condition may define its value.
  const relevant = all
    .filter(({ key }) => !callerKeys.has(key.toLowerCase()))
    .sort((one, other) => Number(other.operator === 'Null') - Number(one.operator === 'Null'))
  const base: Circumstances = Object.assign({}, ...relevant.map(({ met: [first] }) => first ?? {}))
  return {
    met: [base, ...relevant.flatMap(({ met }) => met.slice(1).map((other) => ({ ...base, ...other })))],
    failed: relevant.flatMap(({ failed }) => failed.map((other) => ({ ...base, ...other }))),
  }
}

const day = 86_400_000
const shifted = (value: string, by: number) => new Date(Date.parse(value) + by).toISOString()
const instance = (pattern: string) => pattern.replace(/[*?]/g, 'x')

function caseOf(operator: string, key: string, values: readonly string[]): Case {
  const [, set, name = ''] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(?:IfExists)?$/.exec(operator) ?? []
  const [first = ''] = values
  const of = (value: string | readonly string[] | null): Circumstances => ({ [key]: value })
  const absent = of(null)
  if (name === 'Null')
    return first === 'true' ? { met: [absent], failed: [of('given')] } : { met: [of('given')], failed: [absent] }
  if (name === 'Bool') return { met: [of(first)], failed: [of(first === 'true' ? 'false' : 'true'), absent] }
  if (/^(Not)?IpAddress$/.test(name)) {
    const inside = values.map((value) => of(value.replace(/\/\d+$/, '')))
    const outside = [of('203.0.113.250'), absent]
    return name === 'IpAddress' ? { met: inside, failed: outside } : { met: [of('203.0.113.250')], failed: inside }
  }
  if (/^(Numeric|Date)/.test(name)) {
    const at = (direction: number) =>
      of(name.startsWith('Date') ? shifted(first, direction * day) : String(Number(first) + direction))
    if (/Less/.test(name)) return { met: [at(-1)], failed: [at(1), absent] }
    if (/Greater/.test(name)) return { met: [at(1)], failed: [at(-1), absent] }
    return { met: [of(first)], failed: [at(1), absent] }
  }
  const isArn = name.startsWith('Arn')
  const stranger = isArn ? 'arn:aws:stranger:us-east-1:123456789012:stranger' : 'stranger'
  if (/Not/.test(name)) {
    // The account of a resource follows from its ARN.
    const met = key.toLowerCase() === 'aws:resourceaccount' ? [] : [of(stranger)]
    return { met, failed: values.map((value) => of(instance(value))) }
  }
  const fitting = values.map(instance)
  if (set === 'ForAllValues') return { met: [of(fitting)], failed: [of([...fitting, stranger]), of([])] }
  if (set === 'ForAnyValue') return { met: fitting.map((value) => of([value])), failed: [of([stranger]), absent] }
  return { met: fitting.map(of), failed: [of(stranger), absent] }
}
