/** A policy that stands on a resource: checked once, when it is put there, as AWS does. */
import { type NamedPolicy, PolicyError, parsePolicy } from '../src/policy/document.ts'
import { parseJson } from './wire/input.ts'
import type { AwsError } from './service.ts'

/** The policy in a JSON text, under a name for explanations; `refuse` words the refusal of a text that is none. */
export function storedPolicy(name: string, text: string, refuse: (problem: string) => AwsError): NamedPolicy {
  try {
    return { name, document: parsePolicy(parseJson(text), 'resource') }
  } catch (cause) {
    if (cause instanceof PolicyError) throw refuse(cause.message)
    throw cause
  }
}
