/** A rule of the lint: its name, and a check for each level at which it looks. Most rules check one level only. */
import type { Violation } from './finding.ts'
import type { Source } from './source.ts'
import type { LintStatement, Resource } from './template.ts'

type Violations = readonly Violation[] | Promise<readonly Violation[]>

export type Rule = {
  readonly name: string
  readonly statement?: (statement: LintStatement) => Violations
  /** Any resource, with its statements. */
  readonly resource?: (resource: Resource, statements: readonly LintStatement[]) => Violations
  /** A file of iam/. */
  readonly roleFile?: (source: Source, resources: readonly Resource[]) => Violations
  /** The packaged template or serverless.yml, with the resources in it and the resources of iam/. */
  readonly stack?: (source: Source, deployed: readonly Resource[], roleFiles: readonly Resource[]) => Violations
}
