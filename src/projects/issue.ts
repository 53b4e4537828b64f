/** What is wrong with input: which field, and why. It never repeats the value, which may be a secret. */
import * as v from 'valibot'

const isMissing = 'is missing'

export type Issue = { readonly field: string; readonly why: string }

/** @param whole the field to name if the input as a whole is wrong */
export function issueOf(issue: v.BaseIssue<unknown>, whole: string): Issue {
  const field = v.getDotPath(issue) ?? whole
  // The message of a validation is Sesame's own. The message of a schema would repeat the value.
  if (issue.kind === 'validation') return { field, why: issue.message }
  if (issue.expected === 'never') return { field, why: 'is not a known field' }
  return { field, why: issue.received === 'undefined' ? isMissing : `must be ${issue.expected}` }
}

/** As `issueOf` of the first issue. If a field is missing, all that are missing are named, so that one attempt is enough. */
export function firstIssueOf(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]], whole: string): Issue {
  const [first, ...others] = issues.map((issue) => issueOf(issue, whole))
  const missing = others.filter(({ why }) => why === isMissing).map(({ field }) => field)
  if (!first || first.why !== isMissing || missing.length === 0) return first ?? { field: whole, why: 'is invalid' }
  return { field: first.field, why: `${isMissing}, and so ${missing.length > 1 ? 'are' : 'is'} ${missing.join(', ')}` }
}
