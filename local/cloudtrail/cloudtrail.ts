/**
 * CloudTrail for AssumeRole: one record in the caller's account and one in the account of the role, linked by `sharedEventID`.
 *
 * Records have the shape of AWS's. A call that IAM denied has no request parameters; its error message names the role. The owner of a role
 * sees only the account and the unique id of a caller in another account. Records of Sesame's own account also go to EventBridge.
 * CloudTrail delivers records some minutes after the call. So does this one, if it is given a delay: a record is delivered by the first
 * `deliver` after its time.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
import type { Ids } from '../ids.ts'
import { AwsError, type ServiceCall } from '../service.ts'

export type TrailRecord = Readonly<Record<string, unknown>> & { eventID: string; recipientAccountId: string }

export type CloudTrail = {
  /** The records of every account, oldest first. */
  readonly records: readonly TrailRecord[]
  /** Runs a call and records its success or its AwsError. */
  record(call: ServiceCall, run: () => Promise<object>): Promise<object>
  /** Delivers the records whose delay has passed, oldest first. */
  deliver(now: Date): void
}

/**
 * @param publish receives every record, for example to put it on the event bus of its account
 * @param delayMs time from a call to the delivery of its record
 */
export function createCloudTrail(ids: Ids, publish: (record: TrailRecord, at: Date) => void, delayMs = 0): CloudTrail {
  const records: TrailRecord[] = []
  const undelivered: { readonly record: TrailRecord; readonly at: Date }[] = []

  const write = (call: ServiceCall, outcome: Outcome): void => {
    const roleAccount = /^arn:aws:iam::(\d{12}):/.exec(String(call.input.RoleArn))?.[1] ?? call.account
    const accounts = new Set([call.caller.account || roleAccount, roleAccount])
    const common = {
      eventVersion: '1.08',
      eventTime: `${call.at.toISOString().slice(0, 19)}Z`,
      eventSource: 'sts.amazonaws.com',
      eventName: call.operation,
      awsRegion: call.region,
      ...originOf(call),
      ...(outcome.refusal && { errorCode: outcome.refusal.code, errorMessage: outcome.refusal.message }),
      requestParameters: outcome.refusal?.code === 'AccessDenied' ? null : parametersOf(call.input),
      responseElements: outcome.answer ? answerOf(outcome.answer) : null,
      requestID: ids.uuid(),
      readOnly: true,
      resources: [{ accountId: roleAccount, type: 'AWS::IAM::Role', ARN: call.input.RoleArn }],
      eventType: 'AwsApiCall',
      managementEvent: true,
      eventCategory: 'Management',
      ...((accounts.size > 1 || !call.caller.account) && { sharedEventID: ids.uuid() }),
    }
    for (const recipientAccountId of accounts) {
      const userIdentity = identityOf(call, recipientAccountId)
      const record = { userIdentity, ...common, eventID: ids.uuid(), recipientAccountId }
      records.push(record)
      if (delayMs === 0) publish(record, call.at)
      else undelivered.push({ record, at: new Date(call.at.getTime() + delayMs) })
    }
  }

  return {
    records,
    async record(call, run) {
      try {
        const answer = await run()
        write(call, { answer })
        return answer
      } catch (cause) {
        if (cause instanceof AwsError) write(call, { refusal: cause })
        throw cause
      }
    },
    deliver(now) {
      const due = undelivered.findIndex(({ at }) => at > now)
      for (const { record, at } of undelivered.splice(0, due === -1 ? undelivered.length : due)) publish(record, at)
    },
  }
}

type Outcome = { answer: object; refusal?: undefined } | { refusal: AwsError; answer?: undefined }

/** The source IP address and user agent. For a service both are its principal. */
function originOf({ caller: { principal } }: ServiceCall): object {
  if (principal.kind === 'service') return { sourceIPAddress: principal.service, userAgent: principal.service }
  return { sourceIPAddress: '127.0.0.1', userAgent: 'aws-sdk-js/3' }
}

function identityOf({ caller, at }: ServiceCall, recipient: string): object {
  const { principal, role, accessKeyId, context } = caller
  if (principal.kind === 'service') return { type: 'AWSService', invokedBy: principal.service }
  const accountId = caller.account
  const attributes = {
    creationDate: String(context['aws:TokenIssueTime'] ?? at.toISOString()),
    mfaAuthenticated: String(context['aws:MultiFactorAuthPresent'] ?? 'false'),
  }
  if (principal.kind === 'session' && role) {
    if (recipient !== accountId) return { type: 'AWSAccount', principalId: principal.userId, accountId }
    const { id: principalId, arn, name: userName } = role
    const sessionIssuer = { type: 'Role', principalId, arn, accountId, userName }
    const sessionContext = { sessionIssuer, webIdFederationData: {}, attributes }
    return {
      type: 'AssumedRole',
      principalId: principal.userId,
      arn: principal.arn,
      accountId,
      accessKeyId,
      sessionContext,
    }
  }
  // In AWS a root user cannot assume roles, so the administrator is recorded as an IAM user.
  const principalId = `AIDA${accountId}ADMIN`
  if (recipient !== accountId) return { type: 'AWSAccount', principalId, accountId }
  const userName = 'administrator'
  const arn = `arn:aws:iam::${accountId}:user/${userName}`
  return { type: 'IAMUser', principalId, arn, accountId, accessKeyId, userName, sessionContext: { attributes } }
}

/** Parameters as CloudTrail writes them: `RoleArn` → `roleArn`. As in AWS, they include external ids and session policies. */
function parametersOf(input: ServiceCall['input']): object {
  return Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [lowerFirst(name), value]),
  )
}

/** The response without the secret access key. As in AWS, it includes the session token, which is useless without the secret. */
function answerOf(answer: object): object {
  const { Credentials: credentials, AssumedRoleUser: user, ...rest }: Readonly<Record<string, unknown>> = { ...answer }
  const {
    AccessKeyId: accessKeyId,
    SessionToken: sessionToken,
    Expiration: expiration,
  }: Readonly<Record<string, unknown>> = Object(credentials)
  const { AssumedRoleId: assumedRoleId, Arn: arn }: Readonly<Record<string, unknown>> = Object(user)
  return {
    credentials: { accessKeyId, sessionToken, expiration },
    assumedRoleUser: { assumedRoleId, arn },
    ...parametersOf(rest),
  }
}

const lowerFirst = (name: string) => `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`
