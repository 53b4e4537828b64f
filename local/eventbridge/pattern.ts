/**
 * Event patterns, which select the events of a rule. A match type that the embedded AWS does not support is refused when the rule is created,
 * so that no rule matches more than it should.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
import { AwsError } from '../service.ts'

export type EventMatcher = (event: unknown) => boolean

/**
 * Compiles a pattern.
 *
 * @throws AwsError InvalidEventPatternException
 */
export function readPattern(pattern: unknown): EventMatcher {
  if (!isObject(pattern)) throw invalid('Pattern is not an object')
  const all = Object.entries(pattern).map(([field, wanted]) => readField(field, wanted))
  if (all.length === 0) throw invalid('Empty patterns are not allowed')
  return (event) => all.every((matches) => matches(event))
}

function readField(field: string, wanted: unknown): EventMatcher {
  if (field === '$or') {
    if (!Array.isArray(wanted) || wanted.length < 2) throw invalid('$or needs two patterns')
    const some = wanted.map(readPattern)
    return (event) => some.some((matches) => matches(event))
  }
  const inField = (event: unknown): unknown =>
    isObject(event) && Object.hasOwn(event, field) ? event[field] : undefined
  if (!Array.isArray(wanted)) {
    const nested = readPattern(wanted)
    return (event) => nested(inField(event) ?? {})
  }
  if (wanted.length === 0) throw invalid(`"${field}" must be an object or a non-empty array`)
  const some = wanted.map(readMatcher)
  return (event) => {
    const found = inField(event)
    const values = Array.isArray(found) ? found : [found]
    return values.some((value) => some.some((matches) => matches(value)))
  }
}

/** One item of an array: a value, or `{ matcher: argument }`. */
function readMatcher(wanted: unknown): EventMatcher {
  if (!isObject(wanted)) return (value) => value === wanted
  const [only, ...others] = Object.entries(wanted)
  if (!only || others.length > 0) throw invalid('A match type needs exactly one name')
  const [matcher, argument] = only
  if (matcher === 'exists' && typeof argument === 'boolean') return (value) => (value !== undefined) === argument
  if (typeof argument === 'string') {
    if (matcher === 'prefix') return (value) => typeof value === 'string' && value.startsWith(argument)
    if (matcher === 'wildcard') {
      const parts = argument.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      const shape = new RegExp(`^${parts.join('.*')}$`, 's')
      return (value) => typeof value === 'string' && shape.test(value)
    }
  }
  throw invalid(`The embedded AWS does not support the match type ${matcher}`)
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${message}`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
