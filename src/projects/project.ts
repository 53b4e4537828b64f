/**
 * A project: one customer's (or one's own) sending set-up and its settings.
 */
import * as v from 'valibot'
import { defaultRules, SuppressionRules } from '../suppression/rules.ts'
import { issueOf } from './issue.ts'

/** Lower case, so that it can stand in names of AWS: configuration sets, role sessions. */
export const ProjectId = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, 'must be 2 to 32 of a-z, 0-9 and "-", starting with a letter'),
)
export const AccountId = v.pipe(v.string(), v.regex(/^\d{12}$/, 'must be an AWS account id of 12 digits'))
const ConfigurationSet = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, "_" and "-"'))

/** One transaction takes all routes of a project, those that go and those that come. */
export const ConfigurationSets = v.pipe(v.array(ConfigurationSet), v.maxLength(40, 'are 40 at most'))

/** Those that are not named have their defaults. */
export const Rules = SuppressionRules

export const SuppressedReasons = v.array(v.picklist(['BOUNCE', 'COMPLAINT']))

export const Project = v.strictObject({
  id: ProjectId,
  /** The SES account that it sends from. */
  account: AccountId,
  /** The configuration sets of that account that are its own; none: the whole account is. */
  configurationSets: v.optional(ConfigurationSets, []),
  rules: v.optional(SuppressionRules, defaultRules),
  /** Why SES stops mail of its configuration set to an address on the account list; if not named, for both. */
  suppressedReasons: v.optional(SuppressedReasons),
})

export type Project = v.InferOutput<typeof Project>
export type ProjectInput = v.InferInput<typeof Project>

/** A project's settings that cannot be: says which field, what is wrong and never what stood there. */
export class ProjectSettingsError extends Error {
  override readonly name = 'ProjectSettingsError'
  readonly retryable = false
  readonly field: string

  constructor(field: string, why: string) {
    super(`${field} ${why}`)
    this.field = field
  }
}

/** @throws ProjectSettingsError naming the first field that is wrong */
export function readProject(settings: unknown): Project {
  const { success, output, issues } = v.safeParse(Project, settings)
  if (success) {
    const foreign = output.configurationSets.find((set) => set.startsWith('sesame-') && set !== `sesame-${output.id}`)
    if (foreign === undefined) return output
    throw new ProjectSettingsError(
      'configurationSets',
      `cannot have ${foreign}: it is kept for the project of that name`,
    )
  }
  const { field, why } = issueOf(issues[0], 'project')
  throw new ProjectSettingsError(field, why)
}
