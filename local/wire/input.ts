/** Reads the input of a call by a schema, and refuses what does not fit as AWS would: with a named error, never a guess. */
import * as v from 'valibot'
import { AwsError, type Call } from '../service.ts'

/** The input of `call` as `schema` has it. Throws `code` (the service's own word for bad input), naming the field. */
export function readInput<const Schema extends v.GenericSchema>(
  schema: Schema,
  call: Call,
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

/** A JSON text as a value, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
