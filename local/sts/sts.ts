/**
 * STS: AssumeRole and GetCallerIdentity.
 *
 * Whether the caller may assume the role is the gate's affair (trust policy, external id, the caller's own permissions); here stand the
 * constraints on the request, how long a session lasts, and the session itself.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import { deflateRawSync } from 'node:zlib'
import type { NamedPolicy } from '../../src/policy/document.ts'
import type { CredentialStore } from '../credentials.ts'
import { type Roles, readIamPolicy } from '../roles.ts'
import { type AwsCredentials, AwsError, type Service, type ServiceCall } from '../service.ts'

const chainingLimit = 3600
/** AWS does not publish how it packs; this comes near: 2,048 characters without any repetition do not fit. */
const packedLimit = 1400

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
  if (!role) throw new Error('the gate let a role through that does not exist')
  const asked = Number(call.input.DurationSeconds ?? 3600)
  if (call.caller.isSession && asked > chainingLimit) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.')
  }
  if (asked > role.maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  const sessionName = text(call, 'RoleSessionName') ?? ''
  const sourceIdentity = sourceIdentityOf(call)
  const inline = text(call, 'Policy')
  const policies = inline === undefined ? undefined : [sessionPolicy(inline)]
  const packed = inline === undefined ? undefined : packedPercent(inline)
  const made = credentials.session({
    role,
    sessionName,
    issuedAt: call.at,
    seconds: asked,
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    ...(policies && { policies }),
  })
  return {
    Credentials: {
      AccessKeyId: made.accessKeyId,
      SecretAccessKey: made.secretAccessKey,
      SessionToken: made.sessionToken,
      Expiration: made.expiration,
    },
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${sessionName}`,
      Arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
    },
    ...(packed !== undefined && { PackedPolicySize: packed }),
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  }
}

/** Set once, it stays through a chain of roles and cannot be changed. */
function sourceIdentityOf(call: ServiceCall): string | undefined {
  const before = call.caller.role?.sourceIdentity
  const asked = text(call, 'SourceIdentity')
  if (before !== undefined && asked !== undefined && asked !== before) {
    throw new AwsError('AccessDenied', 'The source identity of a session cannot be changed.', 403)
  }
  return asked ?? before
}

function sessionPolicy(inline: string): NamedPolicy {
  return { name: 'session policy', document: readIamPolicy(inline, 'identity') }
}

function packedPercent(inline: string): number {
  const size = deflateRawSync(JSON.stringify(JSON.parse(inline))).length
  const percent = Math.ceil((100 * size) / packedLimit)
  if (percent <= 100) return percent
  throw new AwsError(
    'PackedPolicyTooLarge',
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  )
}

function checkRequest(call: ServiceCall): void {
  refuse(call, 'RoleArn', { least: 20, most: 2048, pattern: /./s })
  refuse(call, 'RoleSessionName', { least: 2, most: 64, pattern: /^[\w+=,.@-]*$/ })
  refuse(call, 'ExternalId', { least: 2, most: 1224, pattern: /^[\w+=,.@:/-]*$/ })
  refuse(call, 'SourceIdentity', { least: 2, most: 64, pattern: /^[\w+=,.@-]*$/ })
  refuse(call, 'Policy', { least: 1, most: 2048, pattern: /^[\t\n\r -ÿ]*$/ })
  const arn = text(call, 'RoleArn')
  if (!arn || !/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) throw invalid('The role ARN is invalid')
  const seconds = call.input.DurationSeconds
  if (typeof seconds === 'number') {
    if (!Number.isInteger(seconds)) throw invalid("Value at 'durationSeconds' must be a whole number")
    if (seconds < 900) throw constraint('durationSeconds', 'value greater than or equal to 900', String(seconds))
    if (seconds > 43200) throw constraint('durationSeconds', 'value less than or equal to 43200', String(seconds))
  }
  for (const name of ['PolicyArns', 'Tags', 'TransitiveTagKeys', 'ProvidedContexts', 'SerialNumber', 'TokenCode']) {
    const value = call.input[name]
    // Ignoring one of them would give a session that is wider than the caller asked for.
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) {
      throw invalid(`The embedded AWS does not know the parameter ${name} of AssumeRole`)
    }
  }
}

type Limits = { least: number; most: number; pattern: RegExp }

/** The value is not shown: it may be an external id. */
function refuse(call: ServiceCall, name: string, { least, most, pattern }: Limits): void {
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

/** The keys in an answer of AssumeRole. */
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
    throw new Error('STS answered without credentials')
  }
  return { accessKeyId: id, secretAccessKey: secret, sessionToken: token, expiration }
}
