/** Reads the input of a call with a schema. Input that does not match is refused with an AWS error code. */
import * as v from 'valibot'
import { AwsError, type ServiceCall } from '../service.ts'

/**
 * The input of a call as `schema` describes it.
 *
 * @param code the code that the service uses for invalid input
 * @throws AwsError with `code`, naming the field
 */
export function readInput<const Schema extends v.GenericSchema>(
  schema: Schema,
  call: ServiceCall,
  code = 'ValidationException',
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, call.input)
  if (result.success) return result.output
  throw new AwsError(code, `${call.operation}: ${describeIssue(result.issues[0])}`)
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue)
  return `${path ?? 'input'} ${issue.expected === null ? 'is not valid' : `must be ${issue.expected}`}`
}

/** The value of a JSON text, or undefined when the text is not JSON. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
