/**
 * One entry of the action table: the IAM actions that a command can need, and the permissions that one input of it needs.
 *
 * Inputs come from the wire and are untrusted. Names are checked, because a `/` or `:` in a name would name another resource. The schemas list
 * only the parameters that IAM can check.
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'

/** One permission that a call needs. All requirements of a call must be granted. */
export type Requirement = { action: string; resource: string; resourceAccount: string; context: Context }

/** Where the caller's resources are, and facts about them that are not part of the request. */
export type ResourceContext = {
  partition: string
  region: string
  account: string
  /**
   * The key attributes of a table or index, for dynamodb:LeadingKeys. Without it, each key attribute and each attribute of a new item counts as
   * a leading key: a policy on leading keys then refuses more, never less.
   */
  keySchemaOf?: (tableArn: string, index?: string) => { partition: string; sort?: string } | undefined
  /** The identity that SES would use: an address identity takes precedence over its domain's. The default is the domain. */
  sendingIdentityOf?: (address: string) => string | undefined
  /** The configuration set that SES uses for mail from an address if the request names none. */
  defaultConfigurationSetOf?: (address: string) => string | undefined
  /** The path of a role of the account, which requests do not contain. Without it: `/`. */
  rolePathOf?: (name: string) => string | undefined
  /** The id of a tenant of SES. */
  tenantIdOf?: (tenant: string) => string | undefined
}

export type Entry = {
  /** The IAM actions that the command can need. */
  actions: readonly string[]
  requirements: (input: unknown, place: ResourceContext) => Requirement[]
}

/** A command that is not in the action table. Its permissions are unknown, so it must not run. */
export class UnknownOperationError extends Error {
  override readonly name = 'UnknownOperationError'
  readonly retryable = false
  readonly service: string
  readonly operation: string

  constructor(service: string, operation: string) {
    super(`${service}:${operation} is not in the action table`)
    this.service = service
    this.operation = operation
  }
}

/** An input whose resources or condition keys cannot be read. AWS answers it with a validation error. */
export class MalformedInputError extends Error {
  override readonly name = 'MalformedInputError'
  readonly retryable = false
  readonly field: string

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`)
    this.field = field
  }
}

export function entry<T>(
  actions: readonly string[],
  schema: v.GenericSchema<unknown, T>,
  requirements: (input: T, place: ResourceContext) => Requirement[],
): Entry {
  return { actions, requirements: (input, place) => requirements(read(schema, input), place) }
}

function read<T>(schema: v.GenericSchema<unknown, T>, input: unknown): T {
  const result = v.safeParse(schema, input)
  if (result.success) return result.output
  const [issue] = result.issues
  const field = v.getDotPath(issue) ?? 'The input'
  if (issue.received === 'undefined') throw new MalformedInputError(field, 'is missing')
  throw new MalformedInputError(
    field,
    /^Invalid (type|key)/.test(issue.message) ? 'is of the wrong type' : issue.message,
  )
}

export type Arn = { text: string; service: string; region: string; account: string; resource: string }

/**
 * Splits an ARN of the given service.
 *
 * @param field the parameter that the error names
 * @throws MalformedInputError
 */
export function arnOf(text: string, service: string, field: string): Arn {
  const [arn, partition, found, region = '', account = '', ...rest] = text.split(':')
  const resource = rest.join(':')
  if (
    arn !== 'arn' ||
    !partition?.startsWith('aws') ||
    found !== service ||
    !/^\d{12}$/.test(account) ||
    resource === ''
  ) {
    throw new MalformedInputError(field, `is not an ARN of ${service}`)
  }
  return { text, service, region, account, resource }
}

export function localArn(service: string, place: ResourceContext, resource: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.account}:${resource}`
}

/** A name of word characters, dots and dashes only: it cannot change the other parts of an ARN. */
export const nameSchema = v.pipe(v.string(), v.regex(/^[\w.-]{1,256}$/, 'is not a name'))
export const textSchema = v.pipe(v.string(), v.nonEmpty('is empty'))
export const noInput = v.unknown()
