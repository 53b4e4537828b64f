/**
 * CloudTrail's record of an AssumeRole, as EventBridge delivers it → who asked for which role, when, from where, and what came of it.
 *
 * Nothing else of the record is taken: external id, session policy and session token stand in it, and must go nowhere. A call that IAM
 * refused has no request parameters; the role then stands in the error message alone.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
import * as v from 'valibot'

export type Caller =
  | { readonly kind: 'service'; readonly service: string }
  /** A session of a role of our account. */
  | { readonly kind: 'role'; readonly account: string; readonly arn: string }
  /** Somebody in our account who is no role: a user, or one who signed in elsewhere. */
  | { readonly kind: 'person'; readonly account: string; readonly name: string }
  /** Another account: AWS does not say who in it. */
  | { readonly kind: 'account'; readonly account: string }

export type RoleCall = {
  /** Unique for each record, the same when it is delivered again. */
  readonly id: string
  readonly at: Date
  /** The account that the record was made for: ours. */
  readonly account: string
  readonly region: string
  readonly roleArn: string
  readonly caller: Caller
  /** An IP address, or the service that asked. */
  readonly from: string
  /** Absent in a refusal by IAM: AWS does not tell. */
  readonly sessionName?: string
  readonly sourceIdentity?: string
  /** AWS's error code. Absent when the session was opened. */
  readonly refused?: string
}

/** What should be a record of AssumeRole, and is not. Says which field, and never what stands in it. */
class MalformedRecordError extends Error {
  override readonly name = 'MalformedRecordError'
  readonly retryable = false
  readonly field: string

  constructor(field: string) {
    super(`The CloudTrail record's ${field} is missing or of the wrong shape`)
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

/** @throws MalformedRecordError */
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
    roleArn: roleIn(detail),
    caller: callerIn(detail, ours),
    from: detail.sourceIPAddress,
    ...(sessionName !== undefined && { sessionName }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    ...(detail.errorCode !== undefined && { refused: detail.errorCode }),
  }
}

const arn = /arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+/

function roleIn({ requestParameters, errorMessage = '' }: Detail): string {
  const [, refused = ''] = /on resource: (\S+)/.exec(errorMessage) ?? []
  const [found] = arn.exec(requestParameters?.roleArn ?? refused) ?? []
  if (found === undefined) throw new MalformedRecordError('requestParameters.roleArn')
  return found
}

function callerIn({ userIdentity }: Detail, ours: string): Caller {
  const { type, invokedBy, accountId, sessionContext, userName, principalId } = userIdentity
  if (type === 'AWSService') {
    if (invokedBy === undefined) throw new MalformedRecordError('userIdentity.invokedBy')
    return { kind: 'service', service: invokedBy }
  }
  if (accountId !== undefined && accountId !== ours) return { kind: 'account', account: accountId }
  const issuer = sessionContext?.sessionIssuer?.arn
  if (issuer !== undefined && accountId === ours) return { kind: 'role', account: accountId, arn: issuer }
  // Whoever signs in elsewhere (SAML, web identity) is nobody of an account before they have the role.
  return { kind: 'person', account: accountId ?? '', name: userName ?? principalId ?? 'unknown' }
}
