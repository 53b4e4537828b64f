/** What is wrong with something that was given: which field, and why; never what stood there, which may be a secret. */
import * as v from 'valibot'

export type Issue = { readonly field: string; readonly why: string }

/** @param whole what to call the thing itself, when no field of it is to blame */
export function issueOf(issue: v.BaseIssue<unknown>, whole: string): Issue {
  const field = v.getDotPath(issue) ?? whole
  // The message of a validation is ours; that of a schema would show what it received.
  if (issue.kind === 'validation') return { field, why: issue.message }
  if (issue.expected === 'never') return { field, why: 'is not known here' }
  return { field, why: issue.received === 'undefined' ? 'is missing' : `must be ${issue.expected}` }
}
