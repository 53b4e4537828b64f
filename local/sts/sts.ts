/**
 * STS: AssumeRole and GetCallerIdentity.
 *
 * The gate decides whether the caller may assume the role (trust policy, external id, the caller's own permissions). This file checks the
 * constraints on the request and the duration, and creates the session.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import { deflateRawSync } from 'node:zlib'
import * as v from 'valibot'
import type { NamedPolicy } from '../../src/policy/document.ts'
import type { CredentialStore } from '../credentials.ts'
import { type Roles, readIamPolicy } from '../roles.ts'
import { type AwsCredentials, AwsError, type Service, type ServiceCall } from '../service.ts'

const maximumChainedSeconds = 3600
/** AWS does not publish how it packs policies. This limit is an approximation: 2,048 characters without repetition do not fit. */
const maximumPackedBytes = 1400

export function createSts(roles: Roles, credentials: CredentialStore): Service {
  return {
    operations: {
      GetCallerIdentity({ caller: { principal, account } }) {
        if (principal.kind === 'session') return { UserId: principal.userId, Account: account, Arn: principal.arn }
        return { UserId: account, Account: account, Arn: 'arn' in principal ? principal.arn : '' }
      },
      AssumeRole: (call) => assumeRole(call, roles, credentials),
    },
    checks: { AssumeRole: checkRequest },
    resourcePolicy({ resource }) {
      const role = roles.byArn(resource)
      return role && roles.trustOf(role)
    },
  }
}

function assumeRole(call: ServiceCall, roles: Roles, credentials: CredentialStore): object {
  const role = roles.byArn(text(call, 'RoleArn') ?? '')
  if (!role) throw new Error('The gate allowed AssumeRole for a role that does not exist')
  const durationSeconds = Number(call.input.DurationSeconds ?? 3600)
  if (call.caller.isSession && durationSeconds > maximumChainedSeconds) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.')
  }
  if (durationSeconds > role.maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  const sessionName = text(call, 'RoleSessionName') ?? ''
  const sourceIdentity = sourceIdentityOf(call)
  const inline = text(call, 'Policy')
  const policies = inline === undefined ? undefined : [sessionPolicy(inline)]
  const packed = inline === undefined ? undefined : packedPercent(inline)
  const session = credentials.session({
    role,
    sessionName,
    issuedAt: call.at,
    seconds: durationSeconds,
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    ...(policies && { policies }),
    tags: tagsOf(call),
  })
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: session.expiration,
    },
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${sessionName}`,
      Arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
    },
    ...(packed !== undefined && { PackedPolicySize: packed }),
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  }
}

const tagList = v.optional(v.array(v.object({ Key: v.string(), Value: v.string() })), [])

const tagsOf = (call: ServiceCall) => v.parse(tagList, call.input.Tags)

/** Keys of session tags are compared without regard to case. */
function checkTags(tags: readonly { Key: string; Value: string }[]): void {
  if (tags.length > 50) throw constraint('tags', 'length less than or equal to 50')
  if (new Set(tags.map(({ Key }) => Key.toLowerCase())).size < tags.length)
    throw new AwsError(
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    )
  for (const { Key, Value } of tags) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key) || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(Value))
      throw invalid('A key or value of tags does not meet the rules of session tags')
  }
}

/** The source identity is set once. It stays through a chain of roles and cannot be changed. */
function sourceIdentityOf(call: ServiceCall): string | undefined {
  const before = call.caller.role?.sourceIdentity
  const requested = text(call, 'SourceIdentity')
  if (before !== undefined && requested !== undefined && requested !== before) {
    throw new AwsError('AccessDenied', 'The source identity of a session cannot be changed.', 403)
  }
  return requested ?? before
}

function sessionPolicy(inline: string): NamedPolicy {
  return { name: 'session policy', document: readIamPolicy(inline, 'identity') }
}

function packedPercent(inline: string): number {
  const size = deflateRawSync(JSON.stringify(JSON.parse(inline))).length
  const percent = Math.ceil((100 * size) / maximumPackedBytes)
  if (percent <= 100) return percent
  throw new AwsError(
    'PackedPolicyTooLarge',
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  )
}

function checkRequest(call: ServiceCall): void {
  checkText(call, 'RoleArn', { least: 20, most: 2048, pattern: /./s })
  checkText(call, 'RoleSessionName', { least: 2, most: 64, pattern: /^[\w+=,.@-]*$/ })
  checkText(call, 'ExternalId', { least: 2, most: 1224, pattern: /^[\w+=,.@:/-]*$/ })
  checkText(call, 'SourceIdentity', { least: 2, most: 64, pattern: /^[\w+=,.@-]*$/ })
  checkText(call, 'Policy', { least: 1, most: 2048, pattern: /^[\t\n\r -ÿ]*$/ })
  const arn = text(call, 'RoleArn')
  if (!arn || !/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) throw invalid('The role ARN is invalid')
  const seconds = call.input.DurationSeconds
  if (typeof seconds === 'number') {
    if (!Number.isInteger(seconds)) throw invalid("Value at 'durationSeconds' must be a whole number")
    if (seconds < 900) throw constraint('durationSeconds', 'value greater than or equal to 900', String(seconds))
    if (seconds > 43200) throw constraint('durationSeconds', 'value less than or equal to 43200', String(seconds))
  }
  checkTags(tagsOf(call))
  for (const name of ['PolicyArns', 'TransitiveTagKeys', 'ProvidedContexts', 'SerialNumber', 'TokenCode']) {
    const value = call.input[name]
    // Ignoring one of them would give a session with more access than the caller requested.
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) {
      throw invalid(`The embedded AWS does not support the parameter ${name} of AssumeRole`)
    }
  }
}

type Limits = { least: number; most: number; pattern: RegExp }

/** Checks length and pattern. The error does not show the value, which may be an external id. */
function checkText(call: ServiceCall, name: string, { least, most, pattern }: Limits): void {
  const value = text(call, name)
  if (value === undefined) return
  const member = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`
  if (value.length < least) throw constraint(member, `length greater than or equal to ${least}`)
  if (value.length > most) throw constraint(member, `length less than or equal to ${most}`)
  if (!pattern.test(value)) throw invalid(detected(member, `satisfy regular expression pattern: ${pattern.source}`))
}

function constraint(member: string, rule: string, value?: string): AwsError {
  return invalid(detected(member, `have ${rule}`, value))
}

function detected(member: string, rule: string, value?: string): string {
  const shown = value === undefined ? 'Value' : `Value '${value}'`
  return `1 validation error detected: ${shown} at '${member}' failed to satisfy constraint: Member must ${rule}`
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message, 400)
}

function text(call: ServiceCall, name: string): string | undefined {
  const value = call.input[name]
  return typeof value === 'string' ? value : undefined
}

/** The credentials in a response of AssumeRole. */
export function credentialsIn(answer: object): AwsCredentials {
  const given = 'Credentials' in answer && typeof answer.Credentials === 'object' ? { ...answer.Credentials } : {}
  const {
    AccessKeyId: id,
    SecretAccessKey: secret,
    SessionToken: token,
    Expiration: expiration,
  }: Readonly<Record<string, unknown>> = given
  if (
    typeof id !== 'string' ||
    typeof secret !== 'string' ||
    typeof token !== 'string' ||
    !(expiration instanceof Date)
  ) {
    throw new Error('The response of AssumeRole has no credentials')
  }
  return { accessKeyId: id, secretAccessKey: secret, sessionToken: token, expiration }
}
