/**
 * Access keys: one administrator per account, created on first use, and the role sessions that STS creates.
 *
 * Nothing is stored outside this process. The permissions of a session are looked up at each call, so a deleted role takes effect on its
 * active sessions at once.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { NamedPolicy } from '../src/policy/document.ts'
import type { Clock } from './clock.ts'
import type { IamRole, Roles } from './roles.ts'
import type { AuthenticatedCaller, AwsCredentials, OnBehalfOf } from './service.ts'
import type { AccessKey } from './wire/handler.ts'

export type RoleSessionRequest = {
  role: IamRole
  sessionName: string
  sourceIdentity?: string
  policies?: readonly NamedPolicy[]
  /** Session tags: the condition keys aws:PrincipalTag/KEY of each call of the session. */
  tags?: readonly { Key: string; Value: string }[]
  issuedAt: Date
  seconds: number
}

export type CredentialStore = {
  /** The key with this id, unless it is unknown or its session expired more than an hour ago. */
  keyOf(accessKeyId: string): AccessKey | undefined
  /** @throws RangeError when the account id does not have 12 digits */
  root(account: string): AwsCredentials
  /** The accounts whose administrator has a key. */
  accounts(): string[]
  session(request: RoleSessionRequest): Required<AwsCredentials>
  /** A session of a role without keys, for a service that acts with the role. */
  callerAs(role: IamRole, sessionName: string): AuthenticatedCaller
}

type Session = RoleSessionRequest & { secret: string; token: string; accessKeyId: string; expiresAt: Date }
type SessionFacts = RoleSessionRequest & { accessKeyId: string; expiresAt: Date }

/** @param hasFixedKeys whether the keys of administrators follow from their accounts, instead of being random */
export function createCredentialStore(roles: Roles, clock: Clock, hasFixedKeys = false): CredentialStore {
  const administrators = new Map<string, { account: string; credentials: AwsCredentials }>()
  const byAccount = new Map<string, AwsCredentials>()
  const sessions = new Map<string, Session>()

  /** Deletes sessions that expired over an hour ago. Later ones stay, so that their use is refused as expired, not as unknown. */
  const deleteExpired = (): void => {
    const before = clock.now().getTime() - 60 * 60 * 1000
    for (const [id, session] of sessions) if (session.expiresAt.getTime() < before) sessions.delete(id)
  }

  return {
    keyOf(accessKeyId) {
      const administrator = administrators.get(accessKeyId)
      if (administrator) {
        return {
          secret: administrator.credentials.secretAccessKey,
          caller: administratorOf(administrator.account, accessKeyId),
        }
      }
      const session = sessions.get(accessKeyId)
      if (!session) return undefined
      return {
        secret: session.secret,
        sessionToken: session.token,
        expiresAt: session.expiresAt,
        caller: callerOf(session, roles.byId(session.role.id)),
      }
    },
    root(account) {
      if (!/^\d{12}$/.test(account))
        throw new RangeError(`An account id has 12 digits, ${JSON.stringify(account)} does not`)
      let credentials = byAccount.get(account)
      if (!credentials) {
        credentials = hasFixedKeys
          ? fixedKeyOf(account)
          : { accessKeyId: `AKIA${randomLetters(16)}`, secretAccessKey: secret() }
        byAccount.set(account, credentials)
        administrators.set(credentials.accessKeyId, { account, credentials })
      }
      return credentials
    },
    accounts: () => [...byAccount.keys()],
    session(request) {
      if (sessions.size % 256 === 255) deleteExpired()
      const session: Session = {
        ...request,
        accessKeyId: `ASIA${randomLetters(16)}`,
        secret: secret(),
        token: randomBytes(96).toString('base64'),
        expiresAt: new Date(request.issuedAt.getTime() + request.seconds * 1000),
      }
      sessions.set(session.accessKeyId, session)
      return {
        accessKeyId: session.accessKeyId,
        secretAccessKey: session.secret,
        sessionToken: session.token,
        expiration: session.expiresAt,
      }
    },
    callerAs(role, sessionName) {
      const issuedAt = clock.now()
      const expiresAt = new Date(issuedAt.getTime() + 3_600_000)
      return callerOf({ role, sessionName, issuedAt, seconds: 3600, accessKeyId: '', expiresAt }, roles.byId(role.id))
    },
  }
}

/** An AWS service as the caller. It has no identity policies, only the source account and ARN that AWS attests. */
export function serviceCaller(service: string, { sourceAccount, sourceArn }: OnBehalfOf): AuthenticatedCaller {
  return {
    principal: { kind: 'service', service },
    account: '',
    accessKeyId: '',
    identity: [],
    isSession: false,
    context: {
      ...(sourceAccount !== undefined && { 'aws:SourceAccount': sourceAccount }),
      ...(sourceArn !== undefined && { 'aws:SourceArn': sourceArn }),
    },
  }
}

/** An administrator who signed in with MFA. */
function administratorOf(account: string, accessKeyId: string): AuthenticatedCaller {
  return {
    principal: { kind: 'root', arn: `arn:aws:iam::${account}:root`, account },
    account,
    accessKeyId,
    identity: [],
    isSession: false,
    context: { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '60' },
  }
}

function callerOf(session: SessionFacts, current: IamRole | undefined): AuthenticatedCaller {
  const { role, sessionName, sourceIdentity, policies, tags = [] } = session
  return {
    principal: {
      kind: 'session',
      arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
      roleArn: role.arn,
      account: role.account,
      userId: `${role.id}:${sessionName}`,
    },
    account: role.account,
    accessKeyId: session.accessKeyId,
    identity: current?.identity ?? [],
    ...(policies && { session: policies }),
    ...(current?.boundary && { boundary: current.boundary }),
    isSession: true,
    role: {
      arn: role.arn,
      name: role.name,
      id: role.id,
      sessionName,
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      expiresAt: session.expiresAt,
    },
    context: {
      'aws:TokenIssueTime': session.issuedAt.toISOString(),
      'aws:MultiFactorAuthPresent': 'false',
      ...(sourceIdentity !== undefined && { 'aws:SourceIdentity': sourceIdentity }),
      ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:PrincipalTag/${Key}`, Value])),
    },
  }
}

/** The key of a demo. It opens nothing but an embedded AWS. */
function fixedKeyOf(account: string): AwsCredentials {
  const secretAccessKey = createHash('sha256').update(`sesame demo ${account}`).digest('base64url').slice(0, 40)
  return { accessKeyId: `AKIADEMO${account}`, secretAccessKey }
}

function randomLetters(count: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return [...randomBytes(count)].map((byte) => alphabet[byte % 32]).join('')
}

function secret(): string {
  return randomBytes(30).toString('base64')
}
