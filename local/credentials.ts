/**
 * Access keys: an administrator's per account, made when first asked for, and those of role sessions, made by STS.
 *
 * Nothing is stored outside this process. A session's permissions are looked up at each call, so a changed or deleted role takes effect at
 * once on the sessions that live.
 */
import { randomBytes } from 'node:crypto'
import type { NamedPolicy } from '../src/policy/document.ts'
import type { Clock } from './clock.ts'
import type { Role, Roles } from './roles.ts'
import type { AwsCredentials, Caller, OnBehalfOf } from './service.ts'
import type { Key } from './wire/handler.ts'

export type SessionRequest = {
  role: Role
  sessionName: string
  sourceIdentity?: string
  policies?: readonly NamedPolicy[]
  issuedAt: Date
  seconds: number
}

export type Credentials = {
  keyOf(accessKeyId: string): Key | undefined
  root(account: string): AwsCredentials
  session(request: SessionRequest): Required<AwsCredentials>
  /** A role's session without keys, for what a service does with the role it was given. */
  callerAs(role: Role, sessionName: string): Caller
}

type Session = SessionRequest & { secret: string; token: string; accessKeyId: string; expiresAt: Date }
type Who = SessionRequest & { accessKeyId: string; expiresAt: Date }

export function createCredentials(roles: Roles, clock: Clock): Credentials {
  const administrators = new Map<string, { account: string; credentials: AwsCredentials }>()
  const byAccount = new Map<string, AwsCredentials>()
  const sessions = new Map<string, Session>()

  /** Long expired ones are forgotten, recently expired ones kept, so that they are refused by their right name. */
  const sweep = (): void => {
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
      if (!/^\d{12}$/.test(account)) throw new RangeError('an account id has 12 digits')
      let credentials = byAccount.get(account)
      if (!credentials) {
        credentials = { accessKeyId: `AKIA${letters(16)}`, secretAccessKey: secret() }
        byAccount.set(account, credentials)
        administrators.set(credentials.accessKeyId, { account, credentials })
      }
      return credentials
    },
    session(request) {
      if (sessions.size % 256 === 255) sweep()
      const session: Session = {
        ...request,
        accessKeyId: `ASIA${letters(16)}`,
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

/** A service that calls as itself: it has no policies, only what AWS attests of whom it acts for. */
export function serviceCaller(service: string, { sourceAccount, sourceArn }: OnBehalfOf): Caller {
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

/** Signed in with a second factor, as an administrator should be. */
function administratorOf(account: string, accessKeyId: string): Caller {
  return {
    principal: { kind: 'root', arn: `arn:aws:iam::${account}:root`, account },
    account,
    accessKeyId,
    identity: [],
    isSession: false,
    context: { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '60' },
  }
}

function callerOf(session: Who, living: Role | undefined): Caller {
  const { role, sessionName, sourceIdentity, policies } = session
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
    identity: living?.identity ?? [],
    ...(policies && { session: policies }),
    ...(living?.boundary && { boundary: living.boundary }),
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
    },
  }
}

function letters(count: number): string {
  const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return [...randomBytes(count)].map((byte) => all[byte % 32]).join('')
}

function secret(): string {
  return randomBytes(30).toString('base64')
}
