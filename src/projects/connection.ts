/**
 * A connection: a project's access to its SES account, and the result of the last proof.
 *
 * The table stores facts: when a proof passed, and since when proofs fail. The state is derived from them.
 */
import * as v from 'valibot'
import { firstIssueOf } from './issue.ts'
import { AccountId, ProjectId } from './project.ts'

/**
 * What a customer allows Sesame to do. Each is a part of the customer template that can be switched, except `reading`. `templates`: to manage
 * stored templates. `verification`: to verify new identities and to set their MAIL FROM domains.
 * `inspection`: to read the policies of the role itself. `reputation`: to read the rates by which SES judges the account.
 */
export const features = [
  'reading',
  'suppression',
  'sending',
  'configuration',
  'inspection',
  'templates',
  'verification',
  'reputation',
] as const
export type Feature = (typeof features)[number]

/** The features of a connection for which the operator names none. The others change what belongs to the customer, so they are asked for. */
export const defaultFeatures: readonly Feature[] = ['reading', 'suppression', 'sending', 'configuration', 'inspection']

/** Whose topics SES publishes to: Sesame's, whose policies allow the account, or the customer's, which Sesame's queue subscribes to. */
export const topicOwners = ['ours', 'customer'] as const

export const Region = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be the name of an AWS region'))

/** The settings that an operator chooses. Sesame makes or determines everything else. */
export const ConnectionSettings = v.strictObject({
  project: ProjectId,
  /** The customer's AWS account. */
  account: AccountId,
  /** The region of its SES. */
  region: Region,
  topics: v.optional(v.picklist(topicOwners), 'ours'),
  features: v.optional(v.pipe(v.array(v.picklist(features)), v.minLength(1, 'must name at least one')), [
    ...defaultFeatures,
  ]),
})

export type ConnectionSettings = v.InferOutput<typeof ConnectionSettings>
export type ConnectionSettingsInput = v.InferInput<typeof ConnectionSettings>

export const connectionStates = ['waiting', 'proven', 'quarantined'] as const
/** `waiting`: no proof has passed yet. `quarantined`: a proof passed once, and the last one failed. */
export type ConnectionState = (typeof connectionStates)[number]

export type Connection = {
  readonly project: string
  /** The customer's AWS account, 12 digits. */
  readonly account: string
  /** The region of its SES. */
  readonly region: string
  /** Absent until the customer has returned the ARN and the proof has passed. */
  readonly roleArn?: string
  /** 128 random bits that Sesame made; never accepted as input. */
  readonly externalId: string
  /** Present during a rotation: the customer's role may require either of the two. */
  readonly nextExternalId?: string
  readonly topics: 'ours' | 'customer'
  readonly features: readonly Feature[]
  readonly state: ConnectionState
  /** When a proof last passed. */
  readonly provenAt?: Date
  /** When the last proof ran, whatever its result. */
  readonly checkedAt?: Date
  /** When the project was connected. Absent in connections of version 0.2. */
  readonly connectedAt?: Date
  /** When it got its role. Absent in connections of version 0.2. */
  readonly roleAt?: Date
  readonly quarantine?: { readonly since: Date; readonly why: string }
  /** Changes with everything that a proof covers: a proof of an earlier revision does not apply to this one. */
  readonly revision: string
}

export type UsableConnection = Connection & { readonly roleArn: string }

/** The configuration set in the customer's account whose events belong to the project. */
export const configurationSetOf = (project: string): string => `sesame-${project}`

/** The project has no access to its account: it was never connected (`none`), or never proven (`waiting`). */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError'
  readonly retryable = false
  readonly project: string
  readonly state: 'none' | 'waiting'

  constructor(project: string, state: 'none' | 'waiting') {
    super(
      state === 'none'
        ? `Project ${project} is not connected: run sesame connect ${project} --account …`
        : `The connection of project ${project} was never proven: run sesame doctor ${project} to see what is missing`,
    )
    this.project = project
    this.state = state
  }
}

/** The last proof of the connection failed. Until a proof passes again, only `sesame doctor` opens sessions in the account. */
export class QuarantinedError extends Error {
  override readonly name = 'QuarantinedError'
  readonly retryable = false
  readonly project: string
  readonly since: Date
  readonly why: string

  constructor(project: string, { since, why }: { since: Date; why: string }) {
    super(
      `The connection of project ${project} has been quarantined since ${since.toISOString()}: ${why}. Run sesame doctor ${project} to see how to repair it`,
    )
    this.project = project
    this.since = since
    this.why = why
  }
}

/**
 * The connection, if sessions may be opened with it.
 * @throws NotConnectedError | QuarantinedError
 */
export function requireUsable(project: string, connection: Connection | undefined): UsableConnection {
  if (!connection) throw new NotConnectedError(project, 'none')
  const { roleArn, state, quarantine } = connection
  if (quarantine) throw new QuarantinedError(project, quarantine)
  if (state !== 'proven' || roleArn === undefined) throw new NotConnectedError(project, 'waiting')
  return { ...connection, roleArn }
}

/** Invalid settings of a connection. The message names the field and the rule that it breaks, and never repeats the value. */
export class ConnectionSettingsError extends Error {
  override readonly name = 'ConnectionSettingsError'
  readonly retryable = false
  readonly field: string

  constructor(field: string, why: string) {
    super(`${field} ${why}`)
    this.field = field
  }
}

/**
 * Parses settings. The feature `reading` is always added, because no connection can be proven without it.
 * @throws ConnectionSettingsError naming the first invalid field
 */
export function readConnectionSettings(settings: unknown): ConnectionSettings {
  const { success, output, issues } = v.safeParse(ConnectionSettings, settings)
  if (success) {
    const wanted: readonly Feature[] = ['reading', ...output.features]
    return { ...output, features: features.filter((feature) => wanted.includes(feature)) }
  }
  const { field, why } = firstIssueOf(issues, 'connection')
  throw new ConnectionSettingsError(field, why)
}
