/** Findings of the lint: where, by which rule, what the problem is, and how to fix it. */

export type Location = { readonly file: string; readonly line: number }

/** `problem` uses the names that the file uses; `fix` says what to write instead. */
export type Violation = { readonly at: Location; readonly problem: string; readonly fix: string }

export type Finding = Violation & { readonly rule: string }

/** `iam/x.yml:12  action-exists  PROBLEM  FIX` */
export const findingLineOf = ({ at, rule, problem, fix }: Finding): string =>
  `${at.file}:${at.line}  ${rule}  ${problem}  ${fix}`

/** Sorted by file and line. A finding that several variants of a statement share occurs once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const once = new Map(findings.map((finding) => [findingLineOf(finding), finding]))
  return [...once.values()].sort(
    (a, b) => a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line || a.rule.localeCompare(b.rule),
  )
}
