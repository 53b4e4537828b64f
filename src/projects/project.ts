/** A project: one sending set-up, of a customer or of the operator's own company, and its settings. */
import * as v from 'valibot'
import { defaultRules, SuppressionRules } from '../suppression/rules.ts'
import { firstIssueOf } from './issue.ts'
import { keepingFields, replacingValues } from './tolerant.ts'

/** In lower case, because it is part of names in AWS: of configuration sets and role sessions. */
export const ProjectId = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, 'must be 2 to 32 of a-z, 0-9 and "-", starting with a letter'),
)
export const AccountId = v.pipe(v.string(), v.regex(/^\d{12}$/, 'must be an AWS account id of 12 digits'))
const ConfigurationSet = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, "_" and "-"'))

/** Limited, because one transaction writes all routes of a project: those to add and those to remove. */
export const ConfigurationSets = v.pipe(v.array(ConfigurationSet), v.maxLength(40, 'must be 40 at most'))

/** A rule that is not given has its default. */
export const Rules = SuppressionRules

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_CreateTenant.html */
export const Tenant = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, "_" and "-"'))

export const SuppressedReasons = v.array(v.picklist(['BOUNCE', 'COMPLAINT']))

/** Settings of sending by the HTTP API. */
export const SendingSettings = v.strictObject({
  /** Nothing is sent. */
  paused: v.optional(v.boolean()),
  /** What to do when the suppression list cannot be read. Absent: refuse. */
  ifListUnreadable: v.optional(v.picklist(['refuse', 'send'])),
  /** Whether applications may get credentials for the account and send without the guard. Absent: no. */
  sessions: v.optional(v.boolean()),
  /** Addresses and domains that may be senders. Absent: every verified identity of the account. */
  senders: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.regex(/^([^@\s]+@)?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be an address or a domain in lower case'),
        ),
      ),
      v.maxLength(100, 'must be 100 at most'),
    ),
  ),
})

/** The events of mail that are kept for timelines and counts. */
export const activityLevels = ['off', 'feedback', 'delivery', 'engagement'] as const
export const ActivityLevel = v.picklist(activityLevels)
export type ActivityLevel = v.InferOutput<typeof ActivityLevel>

const activitySettingsEntries = {
  /** Days for which an event is kept, from the sending of its mail. Absent: those of the deployment. */
  days: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1, 'must be 1 at least'), v.maxValue(3_650, 'must be 3650 at most')),
  ),
  /** Whether opens and clicks keep IP address and user agent. Absent: no. */
  readers: v.optional(v.picklist(['keep', 'drop'])),
  /** Which events are found by their recipient. Absent: those of mail that failed, which are few. */
  recipients: v.optional(v.picklist(['failures', 'all'])),
}

/** What is stored of each event, and for how long. */
export const ActivitySettings = v.strictObject(activitySettingsEntries)

/** As the table has them. A value that this version does not know means the setting of the deployment. */
export const StoredActivitySettings = replacingValues(ActivitySettings, { exact: [], meanings: {} })
export type StoredActivitySettings = v.InferOutput<typeof StoredActivitySettings>

const share = v.pipe(v.number(), v.minValue(0.000_1, 'must be 0.0001 at least'), v.maxValue(1, 'must be 1 at most'))
const RateLines = v.pipe(
  v.strictObject({ warn: share, hold: share }),
  v.check(({ warn, hold }) => warn <= hold, 'must warn before it holds'),
)

/** When mail is held because of its rates. What is absent has its default: src/activity/windows.ts, src/activity/rates.ts. */
export const HoldRules = v.strictObject({
  /** The most that is done. Absent: hold. */
  action: v.optional(v.picklist(['hold', 'warn', 'off'])),
  /** Hard bounces per recipient. */
  bounces: v.optional(RateLines),
  /** Complaints per recipient. */
  complaints: v.optional(RateLines),
  /** Recipients below which a window has no rate. */
  minimumRecipients: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100, 'must be 100 at least'))),
})
export type HoldRules = v.InferOutput<typeof HoldRules>

export const Project = v.strictObject({
  id: ProjectId,
  /** The SES account that it sends from. */
  account: AccountId,
  /** The configuration sets of the account that it owns. Empty: it owns the whole account. */
  configurationSets: v.optional(ConfigurationSets, []),
  rules: v.optional(SuppressionRules, defaultRules),
  /** The reasons on the account list for which SES itself stops mail of the configuration set. Absent: both. */
  suppressedReasons: v.optional(SuppressedReasons),
  sending: v.optional(SendingSettings),
  /** The tenant of SES whose events the project owns, and whose list it keeps in step instead of the account's. */
  tenant: v.optional(Tenant),
  /** The events that SES publishes for timelines and counts. Absent: none. */
  activity: v.optional(ActivityLevel),
  activitySettings: v.optional(ActivitySettings),
  holdRules: v.optional(HoldRules),
})

export type Project = v.InferOutput<typeof Project>
export type ProjectInput = v.InferInput<typeof Project>

/** Invalid settings of a project. The message names the field and the rule that it breaks, and never repeats an invalid value. */
export class ProjectSettingsError extends Error {
  override readonly name = 'ProjectSettingsError'
  readonly retryable = false
  readonly field: string

  constructor(field: string, why: string) {
    super(`${field} ${why}`)
    this.field = field
  }
}

/** Settings that a change makes from stored ones: a field that a newer version has written is kept, at every depth. */
const ChangedProject = keepingFields(Project)

/**
 * Settings as a newer version may have written them. A value that this version does not know means what is safest: the default of a rule, no
 * sender, a pause; of activity, what every level has. Whose events and mail these are must be readable.
 */
const StoredProject = replacingValues(Project, {
  exact: ['configurationSets', 'tenant'],
  meanings: { 'sending.paused': true, 'sending.senders': [], activity: 'feedback' },
})

/** @throws ProjectSettingsError naming the first invalid field */
export const readProject = (settings: unknown): Project => readSettings(Project, settings)

/** Reads settings as the table has them. @throws ProjectSettingsError */
export const readStoredSettings = (settings: unknown): Project => readSettings(StoredProject, settings)

/** Reads settings as a change makes them from stored ones. @throws ProjectSettingsError */
export const readChangedSettings = (settings: unknown): Project => readSettings(ChangedProject, settings)

function readSettings(schema: v.GenericSchema<unknown, Project>, settings: unknown): Project {
  const { success, output, issues } = v.safeParse(schema, settings)
  if (success) {
    const foreign = output.configurationSets.find((set) => set.startsWith('sesame-') && set !== `sesame-${output.id}`)
    if (foreign === undefined) return output
    throw new ProjectSettingsError(
      'configurationSets',
      `cannot contain ${foreign}: it is reserved for the project of that name`,
    )
  }
  const { field, why } = firstIssueOf(issues, 'project')
  throw new ProjectSettingsError(field, why)
}
