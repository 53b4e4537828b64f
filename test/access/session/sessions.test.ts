import { GetAccountCommand, PutSuppressedDestinationCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { describe, expect, test } from 'vitest'
import { customerRole } from '../../../src/access/role/customer-role.ts'
import {
  AccountMismatchError,
  CallFailedError,
  NoRoleError,
  PermissionMissingError,
  SessionEndedError,
  TrustRefusedError,
} from '../../../src/access/session/errors.ts'
import { sessionStatementsOf } from '../../../src/access/session/session-policy.ts'
import {
  createClientPerSession,
  createSessions,
  type SessionCredentials,
} from '../../../src/access/session/sessions.ts'
import { CUSTOMER, connectionOf, OURS, visitedAccount, visitor } from '../visited-account.ts'

const here = { project: 'acme', account: CUSTOMER, region: 'us-east-1' }
const look = { name: 'prove', allow: sessionStatementsOf(here, ['ses:GetAccount']) }
const suppress = { name: 'propagate', allow: sessionStatementsOf(here, ['ses:PutSuppressedDestination']) }
const put = new PutSuppressedDestinationCommand({ EmailAddress: 'ann@example.com', Reason: 'BOUNCE' })
const minutes = (count: number) => count * 60_000

type Visit = Awaited<ReturnType<typeof visitedAccount>>
const sesFor =
  ({ aws }: Visit) =>
  (credentials: SessionCredentials) =>
    new SESv2Client(aws.clientConfig(credentials))
const getAccount = (visit: Visit) => (credentials: SessionCredentials) =>
  sesFor(visit)(credentials).send(new GetAccountCommand({}))

describe('a session', () => {
  test('is opened with the external id, for an hour, and named after project and purpose', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    const inside = visit.aws.record.filter(({ action }) => action === 'ses:GetAccount')
    expect(inside).toMatchObject([{ account: CUSTOMER, verdict: 'allowed' }])
    const { expiration } = await visit.sessions.credentials(visit.connection, look)()
    expect(expiration.getTime() - visit.clock.now().getTime()).toBe(minutes(60))
    await expect(visit.sessions.use(visit.connection, suppress, getAccount(visit))).rejects.toMatchObject({
      action: 'ses:GetAccount',
      refusedBy: 'session policy',
      isExplicit: false,
    })
  })

  test('is refused the operation beside the intended one by its session policy, though the role grants it', async () => {
    const visit = await visitedAccount()
    const ses = sesFor(visit)
    await visit.sessions.use(visit.connection, suppress, (credentials) => ses(credentials).send(put))
    const beside = visit.sessions.use(visit.connection, look, (credentials) => ses(credentials).send(put))
    await expect(beside).rejects.toBeInstanceOf(PermissionMissingError)
    await expect(beside).rejects.toMatchObject({ action: 'ses:PutSuppressedDestination', refusedBy: 'session policy' })
  })

  test('is shared by all who ask at once, and by later ones', async () => {
    const visit = await visitedAccount()
    await Promise.all(Array.from({ length: 20 }, () => visit.sessions.use(visit.connection, look, getAccount(visit))))
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    expect(visit.entries()).toHaveLength(1)
  })

  test('is not shared by another purpose, another policy of the same name, or another external id', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    await visit.sessions.credentials(visit.connection, suppress)()
    await visit.sessions.credentials(visit.connection, { ...look, allow: suppress.allow })()
    expect(visit.entries()).toHaveLength(3)
    const stranger = { ...visit.connection, externalId: 'f'.repeat(32) }
    await expect(visit.sessions.credentials(stranger, look)()).rejects.toBeInstanceOf(TrustRefusedError)
  })

  test('is opened anew five minutes before it ends: one of 900 s serves for ten', async () => {
    const visit = await visitedAccount()
    const short = { ...look, seconds: 900 }
    const first = await visit.sessions.credentials(visit.connection, short)()
    visit.clock.advance(minutes(10) - 1)
    expect(await visit.sessions.credentials(visit.connection, short)()).toBe(first)
    visit.clock.advance(1)
    expect(await visit.sessions.credentials(visit.connection, short)()).not.toBe(first)
    expect(visit.entries()).toHaveLength(2)
  })

  test('that could not be opened is not remembered', async () => {
    const visit = await visitedAccount()
    visit.replaceRole(undefined)
    await expect(visit.sessions.use(visit.connection, look, getAccount(visit))).rejects.toBeInstanceOf(
      TrustRefusedError,
    )
    visit.aws.roles.create(CUSTOMER, customerRole(visit.connection, OURS))
    await visit.sessions.use(visit.connection, look, getAccount(visit))
  })

  test('is forgotten with its project, and with the project only', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    visit.sessions.forget('beta')
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    expect(visit.entries()).toHaveLength(1)
    visit.sessions.forget('acme')
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    expect(visit.entries()).toHaveLength(2)
  })

  test('that was used longest ago makes room for another', async () => {
    const visit = await visitedAccount()
    const sessions = createSessions(visit.sts, visit.clock.now, { capacity: 2 })
    const open = (name: string) => sessions.credentials(visit.connection, { ...look, name })()
    for (const name of ['one', 'two', 'one', 'three', 'one', 'two']) await open(name)
    expect(visit.entries()).toHaveLength(4)
  })

  test('has one client for as long as it lasts', async () => {
    const visit = await visitedAccount()
    const ses = createClientPerSession(sesFor(visit))
    const client = () => visit.sessions.use(visit.connection, look, async (credentials) => ses(credentials))
    const first = await client()
    expect(await client()).toBe(first)
    visit.clock.advance(minutes(56))
    expect(await client()).not.toBe(first)
  })
})

describe('during a rotation', () => {
  const rotating = { ...connectionOf('acme'), nextExternalId: 'a'.repeat(32) }

  test('the next id is tried first, then the current one', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(rotating, look, getAccount(visit))
    expect(visit.entries().map(({ verdict }) => verdict)).toEqual(['denied', 'allowed'])
  })

  test('a role that knows both, and one that knows the next alone, let us in at once', async () => {
    for (const updated of [rotating, { ...connectionOf('acme'), externalId: rotating.nextExternalId }]) {
      const visit = await visitedAccount(updated)
      await visit.sessions.use(rotating, look, getAccount(visit))
      expect(visit.entries().map(({ verdict }) => verdict)).toEqual(['allowed'])
    }
  })

  test('a role that knows neither refuses both', async () => {
    const visit = await visitedAccount({ ...connectionOf('acme'), externalId: 'b'.repeat(32) })
    await expect(visit.sessions.credentials(rotating, look)()).rejects.toBeInstanceOf(TrustRefusedError)
    expect(visit.entries()).toHaveLength(2)
  })
})

describe('a session that ended in the middle of a batch', () => {
  test('by a clock that AWS does not share is replaced, and the call repeated', async () => {
    const visit = await visitedAccount()
    // A clock that stands still: it never finds that the hour is over.
    const start = visit.clock.now()
    const sessions = createSessions(visit.sts, () => start)
    await sessions.use(visit.connection, look, getAccount(visit))
    visit.clock.advance(minutes(61))
    await Promise.all(Array.from({ length: 10 }, () => sessions.use(visit.connection, look, getAccount(visit))))
    expect(visit.entries()).toHaveLength(2)
  })

  test('by a clock that is a day ahead or behind is kept as long as any other', async () => {
    for (const hours of [-24, 24]) {
      const visit = await visitedAccount()
      const sessions = createSessions(visit.sts, () => new Date(visit.clock.now().getTime() + hours * minutes(60)))
      await sessions.use(visit.connection, look, getAccount(visit))
      visit.clock.advance(minutes(54))
      await sessions.use(visit.connection, look, getAccount(visit))
      expect(visit.entries()).toHaveLength(1)
    }
  })

  test('because the role was made anew is replaced, and the batch goes on', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    visit.replaceRole({})
    await Promise.all(Array.from({ length: 10 }, () => visit.sessions.use(visit.connection, look, getAccount(visit))))
    expect(visit.entries()).toHaveLength(2)
  })

  test('because the role was deleted says that the trust is refused, not that a permission is missing', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    visit.replaceRole(undefined)
    await expect(visit.sessions.use(visit.connection, look, getAccount(visit))).rejects.toBeInstanceOf(
      TrustRefusedError,
    )
  })

  test('because the role lost our external id says that the trust is refused once the live session is over', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    const other = customerRole({ ...visit.connection, externalId: 'c'.repeat(32) }, OURS)
    visit.replaceRole({ AssumeRolePolicyDocument: other.AssumeRolePolicyDocument })
    await expect(visit.sessions.use(visit.connection, look, getAccount(visit))).rejects.toBeInstanceOf(
      TrustRefusedError,
    )
  })

  test('and whose successor is refused too is not replaced again and again', async () => {
    const visit = await visitedAccount()
    await visit.sessions.use(visit.connection, look, getAccount(visit))
    visit.replaceRole({ Policies: [] })
    for (let count = 0; count < 5; count++) {
      const refused = visit.sessions.use(visit.connection, look, getAccount(visit))
      await expect(refused).rejects.toMatchObject({ name: 'PermissionMissingError', action: 'ses:GetAccount' })
    }
    expect(visit.entries()).toHaveLength(2)
  })

  test('and whose successor is not known either is an ended session, to be tried later', async () => {
    const visit = await visitedAccount()
    const unknown = Object.assign(new Error('The security token included in the request is invalid'), {
      name: 'UnrecognizedClientException',
      $fault: 'client',
      $metadata: { requestId: 'r-1' },
    })
    let runs = 0
    const refused = visit.sessions.use(visit.connection, look, async () => {
      runs++
      throw unknown
    })
    await expect(refused).rejects.toBeInstanceOf(SessionEndedError)
    await expect(refused).rejects.toMatchObject({ retryable: true, layer: 'session' })
    expect(runs).toBe(2)
  })
})

describe('nobody is let in', () => {
  test('without a role ARN, or with one of another account than the connection says', async () => {
    const visit = await visitedAccount()
    const { roleArn: _, ...without } = visit.connection
    await expect(visit.sessions.credentials(without, look)()).rejects.toBeInstanceOf(NoRoleError)
    const elsewhere = { ...visit.connection, account: '444455556666' }
    await expect(visit.sessions.credentials(elsewhere, look)()).rejects.toBeInstanceOf(AccountMismatchError)
    expect(visit.entries()).toHaveLength(0)
  })

  test('with a session that STS says belongs to another account', async () => {
    const visit = await visitedAccount()
    const strange = {
      Credentials: { AccessKeyId: 'ASIAX', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date() },
      AssumedRoleUser: { Arn: 'arn:aws:sts::444455556666:assumed-role/sesame-acme/acme.prove', AssumedRoleId: 'A:b' },
    }
    visit.sts.middlewareStack.add(() => async () => ({ output: { ...strange, $metadata: {} }, response: {} }), {
      step: 'initialize',
    })
    await expect(visit.sessions.credentials(visit.connection, look)()).rejects.toMatchObject({
      name: 'AccountMismatchError',
      wanted: CUSTOMER,
      found: '444455556666',
    })
  })

  test('to the account of another project, whose ARN is known but not its id', async () => {
    const visit = await visitedAccount()
    const deputy = { ...connectionOf('mallory'), roleArn: visit.connection.roleArn }
    await expect(visit.sessions.credentials(deputy, look)()).rejects.toBeInstanceOf(TrustRefusedError)
  })

  test('from a role of ours outside role/sesame/, nor from another account', async () => {
    const visit = await visitedAccount()
    for (const [account, path] of [
      [OURS, '/'],
      [OURS, '/sesame-other/'],
      ['444455556666', '/sesame/'],
    ] as const) {
      const { arn } = visit.aws.roles.create(account, visitor('outsider', path))
      const sessions = createSessions(visit.stsOf(arn), visit.clock.now)
      await expect(sessions.credentials(visit.connection, look)()).rejects.toBeInstanceOf(TrustRefusedError)
    }
  })

  test('for longer than an hour: we do not ask, and STS would refuse', async () => {
    const visit = await visitedAccount()
    for (const seconds of [0, 899, 3601, 43_200, 1000.5, Number.NaN])
      await expect(visit.sessions.credentials(visit.connection, { ...look, seconds })()).rejects.toMatchObject({
        name: 'SessionRequestError',
        field: 'The duration',
      })
    expect(visit.entries()).toHaveLength(0)
  })

  test('under a name that AWS would not take', async () => {
    const visit = await visitedAccount()
    for (const name of ['', 'Prove', 'a b', 'x'.repeat(64), '../x', 'é'])
      await expect(visit.sessions.credentials(visit.connection, { ...look, name })()).rejects.toMatchObject({
        name: 'SessionRequestError',
      })
  })

  test('with a session policy that allows nothing, or that does not fit', async () => {
    const visit = await visitedAccount()
    const long = Array.from({ length: 60 }, (_, at) => `arn:aws:ses:us-east-1:${CUSTOMER}:identity/${at}.example.com`)
    for (const allow of [[], [{ actions: ['ses:SendEmail'], resources: long }]])
      await expect(visit.sessions.credentials(visit.connection, { ...look, allow })()).rejects.toMatchObject({
        name: 'SessionPolicyError',
        layer: 'session policy',
      })
  })
})

describe('what AWS answers otherwise', () => {
  test('is named by its code alone, and by whether to try again', async () => {
    const visit = await visitedAccount()
    const failing = (name: string, $fault: string) => async () => {
      throw Object.assign(new Error('about ann@example.com'), { name, $fault, $metadata: {} })
    }
    const use = (name: string, $fault = 'client') => visit.sessions.use(visit.connection, look, failing(name, $fault))
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

  test('an error of our own passes as it is', async () => {
    const visit = await visitedAccount()
    const ours = new Error('ours')
    const used = visit.sessions.use(visit.connection, look, async () => {
      throw ours
    })
    await expect(used).rejects.toBe(ours)
  })
})
