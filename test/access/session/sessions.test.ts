import { GetAccountCommand, PutSuppressedDestinationCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { describe, expect, test } from 'vitest'
import { customerRoleOf } from '../../../src/access/role/customer-role.ts'
import {
  AccountMismatchError,
  CallFailedError,
  NoRoleError,
  PermissionMissingError,
  SessionEndedError,
  TrustRefusedError,
} from '../../../src/access/session/errors.ts'
import type { Purpose } from '../../../src/access/session/request.ts'
import { sessionStatementsOf } from '../../../src/access/session/session-policy.ts'
import {
  createClientPerSession,
  createSessions,
  type SessionCredentials,
} from '../../../src/access/session/sessions.ts'
import type { SessionPurpose } from '../../../src/session-purposes.ts'
import { CUSTOMER, connectionOf, OURS, visitedAccount, visitor } from '../visited-account.ts'

const scope = { project: 'acme', account: CUSTOMER, region: 'us-east-1' }
const prove: Purpose = { name: 'prove', allow: sessionStatementsOf(scope, ['ses:GetAccount']) }
const suppress: Purpose = { name: 'suppress', allow: sessionStatementsOf(scope, ['ses:PutSuppressedDestination']) }
const put = new PutSuppressedDestinationCommand({ EmailAddress: 'ann@example.com', Reason: 'BOUNCE' })
const minutes = (count: number) => count * 60_000

type Visit = Awaited<ReturnType<typeof visitedAccount>>
const sesFor =
  ({ aws }: Visit) =>
  (credentials: SessionCredentials) =>
    new SESv2Client(aws.clientConfig(credentials))
const getAccount = (visit: Visit) => (credentials: SessionCredentials) =>
  sesFor(visit)(credentials).send(new GetAccountCommand({}))

describe('sessions', () => {
  test('a session is opened with the external id, for one hour, and named after project and purpose', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    const inside = visit.aws.record.filter(({ action }) => action === 'ses:GetAccount')
    expect(inside).toMatchObject([{ account: CUSTOMER, verdict: 'allowed' }])
    const { expiration } = await visit.sessions.credentials(visit.connection, prove)()
    expect(expiration.getTime() - visit.clock.now().getTime()).toBe(minutes(60))
    await expect(visit.sessions.use(visit.connection, suppress, getAccount(visit))).rejects.toMatchObject({
      action: 'ses:GetAccount',
      refusedBy: 'session policy',
      isExplicit: false,
    })
  })

  test('the session policy denies an operation of another purpose, although the role grants it', async () => {
    const visit = await visitedAccount()
    const ses = sesFor(visit)
    await visit.sessions.use(visit.connection, suppress, (credentials) => ses(credentials).send(put))
    const beside = visit.sessions.use(visit.connection, prove, (credentials) => ses(credentials).send(put))
    await expect(beside).rejects.toBeInstanceOf(PermissionMissingError)
    await expect(beside).rejects.toMatchObject({ action: 'ses:PutSuppressedDestination', refusedBy: 'session policy' })
  })

  test('concurrent and later calls share a session', async () => {
    const visit = await visitedAccount()
    await Promise.all(Array.from({ length: 20 }, () => visit.sessions.use(visit.connection, prove, getAccount(visit))))
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    expect(visit.entries()).toHaveLength(1)
  })

  test('a session is not shared with another purpose, another policy of the same name, or another external id', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    await visit.sessions.credentials(visit.connection, suppress)()
    await visit.sessions.credentials(visit.connection, { ...prove, allow: suppress.allow })()
    expect(visit.entries()).toHaveLength(3)
    const stranger = { ...visit.connection, externalId: 'f'.repeat(32) }
    await expect(visit.sessions.credentials(stranger, prove)()).rejects.toBeInstanceOf(TrustRefusedError)
  })

  test('a session is replaced five minutes before it expires, so one of 900 s is used for ten minutes', async () => {
    const visit = await visitedAccount()
    const short = { ...prove, seconds: 900 }
    const first = await visit.sessions.credentials(visit.connection, short)()
    visit.clock.advance(minutes(10) - 1)
    expect(await visit.sessions.credentials(visit.connection, short)()).toBe(first)
    visit.clock.advance(1)
    expect(await visit.sessions.credentials(visit.connection, short)()).not.toBe(first)
    expect(visit.entries()).toHaveLength(2)
  })

  test('a session that could not be opened is not cached', async () => {
    const visit = await visitedAccount()
    visit.replaceRole(undefined)
    await expect(visit.sessions.use(visit.connection, prove, getAccount(visit))).rejects.toBeInstanceOf(
      TrustRefusedError,
    )
    visit.aws.roles.create(CUSTOMER, customerRoleOf(visit.connection, OURS))
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
  })

  test('forget removes the sessions of one project only', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    visit.sessions.forget('beta')
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    expect(visit.entries()).toHaveLength(1)
    visit.sessions.forget('acme')
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    expect(visit.entries()).toHaveLength(2)
  })

  test('a full cache removes the session that was used least recently', async () => {
    const visit = await visitedAccount()
    const sessions = createSessions(visit.sts, visit.clock.now, { capacity: 2 })
    const open = (name: SessionPurpose) => sessions.credentials(visit.connection, { ...prove, name })()
    for (const name of ['prove', 'list', 'prove', 'look', 'prove', 'list'] as const) await open(name)
    expect(visit.entries()).toHaveLength(4)
  })

  test('a session has one client as long as it is cached', async () => {
    const visit = await visitedAccount()
    const ses = createClientPerSession(sesFor(visit))
    const client = () => visit.sessions.use(visit.connection, prove, async (credentials) => ses(credentials))
    const first = await client()
    expect(await client()).toBe(first)
    visit.clock.advance(minutes(56))
    expect(await client()).not.toBe(first)
  })
})

describe('during a rotation', () => {
  const rotating = { ...connectionOf('acme'), nextExternalId: 'a'.repeat(32) }

  test('during a rotation the second external id is tried first, then the first', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(rotating, prove, getAccount(visit))
    expect(visit.entries().map(({ verdict }) => verdict)).toEqual(['denied', 'allowed'])
  })

  test('a role that accepts both external ids, or the second only, is assumed with one call', async () => {
    for (const updated of [rotating, { ...connectionOf('acme'), externalId: rotating.nextExternalId }]) {
      const visit = await visitedAccount(updated)
      await visit.sessions.use(rotating, prove, getAccount(visit))
      expect(visit.entries().map(({ verdict }) => verdict)).toEqual(['allowed'])
    }
  })

  test('a role that accepts neither external id denies both calls', async () => {
    const visit = await visitedAccount({ ...connectionOf('acme'), externalId: 'b'.repeat(32) })
    await expect(visit.sessions.credentials(rotating, prove)()).rejects.toBeInstanceOf(TrustRefusedError)
    expect(visit.entries()).toHaveLength(2)
  })
})

describe('a session that ends during a batch', () => {
  test('a session that expired by the clock of AWS is replaced, and the call is repeated', async () => {
    const visit = await visitedAccount()
    // With a clock that never advances, the hour never ends.
    const start = visit.clock.now()
    const sessions = createSessions(visit.sts, () => start)
    await sessions.use(visit.connection, prove, getAccount(visit))
    visit.clock.advance(minutes(61))
    await Promise.all(Array.from({ length: 10 }, () => sessions.use(visit.connection, prove, getAccount(visit))))
    expect(visit.entries()).toHaveLength(2)
  })

  test('a clock that is a day ahead or behind does not change how long a session is used', async () => {
    for (const hours of [-24, 24]) {
      const visit = await visitedAccount()
      const sessions = createSessions(visit.sts, () => new Date(visit.clock.now().getTime() + hours * minutes(60)))
      await sessions.use(visit.connection, prove, getAccount(visit))
      visit.clock.advance(minutes(54))
      await sessions.use(visit.connection, prove, getAccount(visit))
      expect(visit.entries()).toHaveLength(1)
    }
  })

  test('if the role was created again, the session is replaced and the batch continues', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    visit.replaceRole({})
    await Promise.all(Array.from({ length: 10 }, () => visit.sessions.use(visit.connection, prove, getAccount(visit))))
    expect(visit.entries()).toHaveLength(2)
  })

  test('if the role was deleted, the error is a refused trust and not a missing permission', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    visit.replaceRole(undefined)
    await expect(visit.sessions.use(visit.connection, prove, getAccount(visit))).rejects.toBeInstanceOf(
      TrustRefusedError,
    )
  })

  test('if the role no longer accepts the external id, the error is a refused trust once the current session has ended', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    const other = customerRoleOf({ ...visit.connection, externalId: 'c'.repeat(32) }, OURS)
    visit.replaceRole({ AssumeRolePolicyDocument: other.AssumeRolePolicyDocument })
    await expect(visit.sessions.use(visit.connection, prove, getAccount(visit))).rejects.toBeInstanceOf(
      TrustRefusedError,
    )
  })

  test('a session whose successor is denied too is not replaced repeatedly', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, prove, getAccount(visit))
    visit.replaceRole({ Policies: [] })
    for (let count = 0; count < 5; count++) {
      const refused = visit.sessions.use(visit.connection, prove, getAccount(visit))
      await expect(refused).rejects.toMatchObject({ name: 'PermissionMissingError', action: 'ses:GetAccount' })
    }
    expect(visit.entries()).toHaveLength(2)
  })

  test('if the successor is unknown too, the error is an ended session that can be retried', async () => {
    const visit = await visitedAccount()
    const unknown = Object.assign(new Error('The security token included in the request is invalid'), {
      name: 'UnrecognizedClientException',
      $fault: 'client',
      $metadata: { requestId: 'r-1' },
    })
    let runs = 0
    const refused = visit.sessions.use(visit.connection, prove, async () => {
      runs++
      throw unknown
    })
    await expect(refused).rejects.toBeInstanceOf(SessionEndedError)
    await expect(refused).rejects.toMatchObject({ retryable: true, layer: 'session' })
    expect(runs).toBe(2)
  })
})

describe('no session is opened', () => {
  test('no session is opened without a role ARN, or with one of another account than that of the connection', async () => {
    const visit = await visitedAccount()
    const { roleArn: _, ...without } = visit.connection
    await expect(visit.sessions.credentials(without, prove)()).rejects.toBeInstanceOf(NoRoleError)
    const elsewhere = { ...visit.connection, account: '444455556666' }
    await expect(visit.sessions.credentials(elsewhere, prove)()).rejects.toBeInstanceOf(AccountMismatchError)
    expect(visit.entries()).toHaveLength(0)
  })

  test('a session that belongs to another account is rejected', async () => {
    const visit = await visitedAccount()
    const strange = {
      Credentials: { AccessKeyId: 'ASIAX', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date() },
      AssumedRoleUser: { Arn: 'arn:aws:sts::444455556666:assumed-role/sesame-acme/acme.prove', AssumedRoleId: 'A:b' },
    }
    visit.sts.middlewareStack.add(() => async () => ({ output: { ...strange, $metadata: {} }, response: {} }), {
      step: 'initialize',
    })
    await expect(visit.sessions.credentials(visit.connection, prove)()).rejects.toMatchObject({
      name: 'AccountMismatchError',
      wanted: CUSTOMER,
      found: '444455556666',
    })
  })

  test('no session is opened with the role ARN of another project and the wrong external id', async () => {
    const visit = await visitedAccount()
    const deputy = { ...connectionOf('mallory'), roleArn: visit.connection.roleArn }
    await expect(visit.sessions.credentials(deputy, prove)()).rejects.toBeInstanceOf(TrustRefusedError)
  })

  test('no session is opened from a role outside role/sesame/, nor from another account', async () => {
    const visit = await visitedAccount()
    for (const [account, path] of [
      [OURS, '/'],
      [OURS, '/sesame-other/'],
      ['444455556666', '/sesame/'],
    ] as const) {
      const { arn } = visit.aws.roles.create(account, visitor('outsider', path))
      const sessions = createSessions(visit.stsOf(arn), visit.clock.now)
      await expect(sessions.credentials(visit.connection, prove)()).rejects.toBeInstanceOf(TrustRefusedError)
    }
  })

  test('a duration outside 900 to 3600 s is rejected before STS is called', async () => {
    const visit = await visitedAccount()
    for (const seconds of [0, 899, 3601, 43_200, 1000.5, Number.NaN])
      await expect(visit.sessions.credentials(visit.connection, { ...prove, seconds })()).rejects.toMatchObject({
        name: 'SessionRequestError',
        field: 'The duration',
      })
    expect(visit.entries()).toHaveLength(0)
  })

  test('a project that makes an invalid session name is rejected', async () => {
    const visit = await visitedAccount()
    for (const project of ['a b', 'x'.repeat(64), '../x', 'é'])
      await expect(visit.sessions.credentials({ ...visit.connection, project }, prove)()).rejects.toMatchObject({
        name: 'SessionRequestError',
      })
  })

  test('a session policy that allows nothing or is too long is rejected', async () => {
    const visit = await visitedAccount()
    const long = Array.from({ length: 60 }, (_, at) => `arn:aws:ses:us-east-1:${CUSTOMER}:identity/${at}.example.com`)
    for (const allow of [[], [{ actions: ['ses:SendEmail'], resources: long }]])
      await expect(visit.sessions.credentials(visit.connection, { ...prove, allow })()).rejects.toMatchObject({
        name: 'SessionPolicyError',
        layer: 'session policy',
      })
  })
})

describe('other errors', () => {
  test('an error of AWS keeps its code and whether to retry, and nothing of its message', async () => {
    const visit = await visitedAccount()
    const failing = (name: string, $fault: string) => async () => {
      throw Object.assign(new Error('about ann@example.com'), { name, $fault, $metadata: {} })
    }
    const use = (name: string, $fault = 'client') => visit.sessions.use(visit.connection, prove, failing(name, $fault))
    await expect(use('TooManyRequestsException')).rejects.toMatchObject({
      name: 'ThrottledError',
      by: 'account',
      retryable: true,
    })
    await expect(use('BadRequestException')).rejects.toMatchObject({ code: 'BadRequestException', retryable: false })
    await expect(use('InternalFailure', 'server')).rejects.toMatchObject({ retryable: true })
    await expect(use('BadRequestException')).rejects.toBeInstanceOf(CallFailedError)
    await expect(use('BadRequestException')).rejects.not.toThrow('ann@')
  })

  test('an error that is not from AWS is passed on unchanged', async () => {
    const visit = await visitedAccount()
    const ours = new Error('ours')
    const used = visit.sessions.use(visit.connection, prove, async () => {
      throw ours
    })
    await expect(used).rejects.toBe(ours)
  })
})
