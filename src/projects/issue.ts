/** What is wrong with input: which field, and why. It never repeats the value, which may be a secret. */
import * as v from 'valibot'

export type Issue = { readonly field: string; readonly why: string }

/** @param whole the field to name if the input as a whole is wrong */
export function issueOf(issue: v.BaseIssue<unknown>, whole: string): Issue {
  const field = v.getDotPath(issue) ?? whole
  // The message of a validation is Sesame's own. The message of a schema would repeat the value.
  if (issue.kind === 'validation') return { field, why: issue.message }
  if (issue.expected === 'never') return { field, why: 'is not a known field' }
  return { field, why: issue.received === 'undefined' ? 'is missing' : `must be ${issue.expected}` }
}
