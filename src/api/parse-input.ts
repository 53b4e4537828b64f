/** Parses the input of a request by the schema of its route. A problem names each field by JSON Pointer, and never repeats a value. */
import * as v from 'valibot'
import { type FieldError, Problem } from './problem.ts'
import type { Call, Endpoint, Route } from './route.ts'

/** Fields that one problem names, at most. */
const maxErrors = 20

/** Joins a route and the code that answers it. */
export const endpointOf = <Input extends v.GenericSchema, Answer extends v.GenericSchema>(
  route: Route<Input, Answer>,
  run: (input: v.InferOutput<Input>, call: Call) => Promise<v.InferInput<Answer>>,
): Endpoint => ({ route, run: async (given, call) => run(parseInput(route.input, given), call) })

/** @throws Problem */
export function parseInput<Schema extends v.GenericSchema>(schema: Schema, given: unknown): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, given)
  if (success) return output
  const errors = issues.slice(0, maxErrors).map(fieldErrorOf)
  const [first] = errors
  const more = issues.length > 1 ? ` and ${issues.length - 1} more` : ''
  throw new Problem('invalid-request', {
    detail: `${first?.pointer || 'The request'} ${first?.detail}${more}.`,
    errors,
  })
}

type Issue = v.BaseIssue<unknown>

function fieldErrorOf(issue: Issue): FieldError {
  const pointer = (issue.path ?? []).map(({ key }) => `/${escaped(String(key))}`).join('')
  return { pointer, detail: detailOf(issue) }
}

/** Of a missing field, an unknown field, a wrong type; otherwise the text of the schema. */
function detailOf({ kind, type, expected, received, message }: Issue): string {
  if (type === 'strict_object' && expected === 'never') return 'is not a field of this request'
  if (received === 'undefined') return 'is missing'
  if (kind === 'schema') return `must be ${expected ?? 'something else'}`
  return message.startsWith('Invalid ') ? `must be ${expected ?? 'something else'}` : message
}

/** RFC 6901. A name is cut, because the caller chose it. */
const escaped = (name: string) => name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')
