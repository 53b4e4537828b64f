/**
 * CloudTrail's record of an AssumeRole, as EventBridge delivers it → who requested which role, when, from where, and with which result.
 *
 * Nothing else is read from the record: it contains the external id, the session policy and the session token, which must not be passed on. The
 * record of a call that IAM refused has no request parameters; only its error message names the role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
import * as v from 'valibot'

export type Caller =
  | { readonly kind: 'service'; readonly service: string }
  /** A session of a role of our account. */
  | { readonly kind: 'role'; readonly account: string; readonly arn: string }
  /** A principal of our account that is not a role: a user, or a federated identity. */
  | { readonly kind: 'person'; readonly account: string; readonly name: string }
  /** A principal of another account. AWS does not say which. */
  | { readonly kind: 'account'; readonly account: string }

export type RoleCall = {
  /** Unique per record; a record that is delivered again has the same id. */
  readonly id: string
  readonly at: Date
  /** The account that CloudTrail made the record for: ours. */
  readonly account: string
  readonly region: string
  readonly roleArn: string
  readonly caller: Caller
  /** An IP address, or the service that made the call. */
  readonly from: string
  /** Absent if IAM refused the call. */
  readonly sessionName?: string
  readonly sourceIdentity?: string
  /** AWS's error code. Absent if the session was opened. */
  readonly refused?: string
}

/** An event that should be a record of AssumeRole and is not. The error names the field and never contains its value. */
class MalformedRecordError extends Error {
  override readonly name = 'MalformedRecordError'
  readonly retryable = false
  readonly field: string

  constructor(field: string) {
    super(`Malformed CloudTrail record: ${field} is missing or has the wrong shape`)
    this.field = field
  }
}

const text = v.string()
const account = v.pipe(text, v.digits(), v.length(12))
const Identity = v.object({
  type: text,
  invokedBy: v.optional(text),
  accountId: v.optional(account),
  principalId: v.optional(text),
  userName: v.optional(text),
  sessionContext: v.optional(
    v.object({
      sessionIssuer: v.optional(v.object({ arn: v.optional(text) })),
    }),
  ),
})
const Event = v.object({
  account,
  detail: v.object({
    eventID: v.pipe(text, v.regex(/^[\w-]{1,64}$/)),
    eventName: v.picklist(['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity']),
    eventTime: v.pipe(text, v.isoTimestamp()),
    awsRegion: text,
    sourceIPAddress: text,
    userIdentity: Identity,
    errorCode: v.optional(text),
    errorMessage: v.optional(text),
    requestParameters: v.nullish(
      v.object({
        roleArn: v.optional(text),
        roleSessionName: v.optional(text),
        sourceIdentity: v.optional(text),
      }),
    ),
  }),
})
type Detail = v.InferOutput<typeof Event>['detail']

/**
 * @param event an EventBridge event with CloudTrail's record as its `detail`
 * @throws MalformedRecordError
 */
export function readRoleCall(event: unknown): RoleCall {
  const read = v.safeParse(Event, event)
  if (!read.success) throw new MalformedRecordError(v.getDotPath(read.issues[0]) ?? 'envelope')
  const { account: ours, detail } = read.output
  const { roleSessionName: sessionName, sourceIdentity } = detail.requestParameters ?? {}
  return {
    id: detail.eventID,
    at: new Date(detail.eventTime),
    account: ours,
    region: detail.awsRegion,
    roleArn: readRoleArn(detail),
    caller: readCaller(detail, ours),
    from: detail.sourceIPAddress,
    ...(sessionName !== undefined && { sessionName }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    ...(detail.errorCode !== undefined && { refused: detail.errorCode }),
  }
}

const roleArn = /arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+/

function readRoleArn({ requestParameters, errorMessage = '' }: Detail): string {
  const [, refused = ''] = /on resource: (\S+)/.exec(errorMessage) ?? []
  const [found] = roleArn.exec(requestParameters?.roleArn ?? refused) ?? []
  if (found === undefined) throw new MalformedRecordError('requestParameters.roleArn')
  return found
}

function readCaller({ userIdentity }: Detail, ours: string): Caller {
  const { type, invokedBy, accountId, sessionContext, userName, principalId } = userIdentity
  if (type === 'AWSService') {
    if (invokedBy === undefined) throw new MalformedRecordError('userIdentity.invokedBy')
    return { kind: 'service', service: invokedBy }
  }
  if (accountId !== undefined && accountId !== ours) return { kind: 'account', account: accountId }
  const issuer = sessionContext?.sessionIssuer?.arn
  if (issuer !== undefined && accountId === ours) return { kind: 'role', account: accountId, arn: issuer }
  // A federated identity (SAML, web identity) belongs to no account before it has the role.
  return { kind: 'person', account: accountId ?? '', name: userName ?? principalId ?? 'unknown' }
}
