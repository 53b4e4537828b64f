/** What a rule has to say about one place in a file, and how it is printed. */

export type Spot = { readonly file: string; readonly line: number }

/** `what` is wrong, said with the names that are in the file; `mend` is what to write instead. */
export type Complaint = { readonly at: Spot; readonly what: string; readonly mend: string }

export type Finding = Complaint & { readonly rule: string }

/** `iam/x.yml:12  action-exists  what  how to mend` */
export const lineOf = ({ at, rule, what, mend }: Finding): string => `${at.file}:${at.line}  ${rule}  ${what}  ${mend}`

/** In the order of the files, each finding once, however many variants of a statement it was found in. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const once = new Map(findings.map((finding) => [lineOf(finding), finding]))
  return [...once.values()].sort(
    (a, b) => a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line || a.rule.localeCompare(b.rule),
  )
}
