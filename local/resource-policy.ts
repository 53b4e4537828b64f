/** Reads the policy of a resource. It is parsed once, when it is stored, as AWS does. */
import { type NamedPolicy, PolicyError, parsePolicy } from '../src/policy/document.ts'
import type { AwsError } from './service.ts'
import { tryParseJson } from './wire/input.ts'

/**
 * Parses a resource policy from JSON text.
 *
 * @param name how explanations call the policy
 * @param refuse makes the service's own error from a problem
 * @throws what `refuse` returns when the text is no resource policy
 */
export function readResourcePolicy(name: string, text: string, refuse: (problem: string) => AwsError): NamedPolicy {
  try {
    return { name, document: parsePolicy(tryParseJson(text), 'resource') }
  } catch (cause) {
    if (cause instanceof PolicyError) throw refuse(cause.message)
    throw cause
  }
}
