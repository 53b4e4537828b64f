/** What a rule is: a name, and what it looks at. A rule looks at one level only where it can. */
import type { Complaint } from './finding.ts'
import type { Source } from './source.ts'
import type { LintStatement, Resource } from './template.ts'

type Complaints = readonly Complaint[] | Promise<readonly Complaint[]>

export type Rule = {
  readonly name: string
  readonly statement?: (one: LintStatement) => Complaints
  /** Any resource, with the statements in it. */
  readonly resource?: (one: Resource, statements: readonly LintStatement[]) => Complaints
  /** A file of iam/. */
  readonly roleFile?: (one: Source, resources: readonly Resource[]) => Complaints
  /** The packaged template, or serverless.yml: beside it, what iam/ holds. */
  readonly stack?: (one: Source, deployed: readonly Resource[], roles: readonly Resource[]) => Complaints
}
