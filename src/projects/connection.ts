/**
 * A connection: a project's way into its SES account, and what the last proof said of it.
 *
 * What is stored are facts (when a proof passed, since when it fails); the state is read off them.
 */
import * as v from 'valibot'
import { issueOf } from './issue.ts'
import { AccountId, ProjectId } from './project.ts'

/** What a customer lets us do, each a part of the customer template that can be switched off. */
export const features = ['reading', 'suppression', 'sending', 'configuration'] as const
export type Feature = (typeof features)[number]

/** Whose topics SES publishes to: ours, which admit the account, or the customer's, which our queue subscribes to. */
export const topicOwners = ['ours', 'customer'] as const

export const Region = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be the name of an AWS region'))

/** What a person decides about a connection. The rest is made or found out. */
export const ConnectionSettings = v.strictObject({
  project: ProjectId,
  /** The customer's AWS account. */
  account: AccountId,
  /** Where its SES is. */
  region: Region,
  topics: v.optional(v.picklist(topicOwners), 'ours'),
  features: v.optional(v.pipe(v.array(v.picklist(features)), v.minLength(1, 'must name one at least')), [...features]),
})

export type ConnectionSettings = v.InferOutput<typeof ConnectionSettings>
export type ConnectionSettingsInput = v.InferInput<typeof ConnectionSettings>

export const connectionStates = ['waiting', 'proven', 'quarantined'] as const
export type ConnectionState = (typeof connectionStates)[number]

export type Connection = {
  readonly project: string
  /** The customer's AWS account, 12 digits. */
  readonly account: string
  /** Where its SES is. */
  readonly region: string
  /** Absent until the customer returned it and the proof passed. */
  readonly roleArn?: string
  /** Made by us, 128 random bits; nobody can choose it. */
  readonly externalId: string
  /** While it is being rotated: the customer's role may ask for either. */
  readonly nextExternalId?: string
  readonly topics: 'ours' | 'customer'
  readonly features: readonly Feature[]
  readonly state: ConnectionState
  /** When a proof last passed. */
  readonly provenAt?: Date
  /** When it was last tried, whatever came of it. */
  readonly checkedAt?: Date
  readonly quarantine?: { readonly since: Date; readonly why: string }
  /** Another after every change of what a proof is about: a proof of an earlier revision says nothing of this one. */
  readonly revision: string
}

export type UsableConnection = Connection & { readonly roleArn: string }

/** The configuration set in the customer's account that events of the project come through. */
export const configurationSetOf = (project: string): string => `sesame-${project}`

/** A project without a way into its account: never connected, or never proven. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError'
  readonly retryable = false
  readonly project: string
  readonly state: 'none' | 'waiting'

  constructor(project: string, state: 'none' | 'waiting') {
    super(
      state === 'none'
        ? `Project ${project} is not connected: sesame connect ${project} --account …`
        : `The connection of project ${project} was never proven: sesame doctor ${project} says what is missing`,
    )
    this.project = project
    this.state = state
  }
}

/** A connection whose last proof failed. Nobody enters the account but the doctor until a proof passes again. */
export class QuarantinedError extends Error {
  override readonly name = 'QuarantinedError'
  readonly retryable = false
  readonly project: string
  readonly since: Date
  readonly why: string

  constructor(project: string, { since, why }: { since: Date; why: string }) {
    super(
      `The connection of project ${project} is quarantined since ${since.toISOString()}: ${why}. sesame doctor ${project} says how to mend it`,
    )
    this.project = project
    this.since = since
    this.why = why
  }
}

/**
 * The same connection, if it may be used.
 * @throws NotConnectedError | QuarantinedError
 */
export function usable(project: string, connection: Connection | undefined): UsableConnection {
  if (!connection) throw new NotConnectedError(project, 'none')
  const { roleArn, state, quarantine } = connection
  if (quarantine) throw new QuarantinedError(project, quarantine)
  if (state !== 'proven' || roleArn === undefined) throw new NotConnectedError(project, 'waiting')
  return { ...connection, roleArn }
}

/** Connection settings that cannot be: says which field and what is wrong, never what stood there. */
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
 * Without reading there is nothing to prove: it cannot be switched off.
 * @throws ConnectionSettingsError naming the first setting that is wrong
 */
export function readConnectionSettings(settings: unknown): ConnectionSettings {
  const { success, output, issues } = v.safeParse(ConnectionSettings, settings)
  if (success) {
    const wanted: readonly Feature[] = ['reading', ...output.features]
    return { ...output, features: features.filter((feature) => wanted.includes(feature)) }
  }
  const { field, why } = issueOf(issues[0], 'connection')
  throw new ConnectionSettingsError(field, why)
}
