/** CloudTrail delivers its records minutes after the calls: each use is judged by the connection at the time of the call. */
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import * as v from 'valibot'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { judgeUse, type KnownConnection } from '../../src/audit/judge-use.ts'
import { manage } from '../../src/cli/invoke.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import { operatorOf } from '../cli/operator.ts'
import { alarmsIn, customer, enter, ours, usesOf } from './watched.ts'

const roleArn = `arn:aws:iam::${customer}:role/sesame/sesame-acme`
const minuteMs = 60_000

describe('records that arrive twenty minutes late', () => {
  let aws: Aws
  let operator: StackAccess
  beforeEach(async () => {
    aws = await startAws({
      clock: createManualClock(new Date('2026-03-04T05:06:07Z')),
      cloudTrailDelayMs: 20 * minuteMs,
    })
    operator = await operatorOf(aws)
  })

  const ask = (request: { do: string; [field: string]: unknown }) =>
    manage(operator, { by: 'ann', project: 'acme', ...request }, v.unknown())

  async function connected() {
    await ask({ do: 'connect', account: customer })
    const connection = await operator.connections.find('acme')
    if (!connection) throw new Error('not connected')
    aws.roles.create(customer, customerRoleOf(connection, ours))
    const config = aws.clientConfig(aws.credentials.root(customer))
    await new SESv2Client(config).send(new CreateEmailIdentityCommand({ EmailIdentity: 'acme.example' }))
    await ask({ do: 'attach', roleArn })
    await ask({ do: 'configure' })
    return connection
  }
  const delivered = async () => {
    await aws.advance(20 * minuteMs)
    await aws.settled()
    return usesOf(aws, roleArn)
  }

  test('connecting, proving, configuring, a test mail and disconnecting raise no alarm', async () => {
    await connected()
    await ask({ do: 'prove' })
    await ask({ do: 'test-mail', nonce: '0123456789abcdef' })
    await ask({ do: 'disconnect' })
    expect(await usesOf(aws, roleArn)).toEqual([])
    const uses = await delivered()
    const purposes = new Set(uses.map(({ purpose }) => purpose))
    for (const purpose of ['prove', 'configure', 'test-mail']) expect([...purposes]).toContain(purpose)
    expect(uses.filter(({ verdict }) => verdict !== 'expected')).toEqual([])
    expect(alarmsIn(aws)).toEqual([])
  })

  test('a session with a role that another one has replaced since raises no alarm', async () => {
    const { externalId } = await connected()
    await enter(aws, 'suppression-propagation', 'propagate-suppression', {
      RoleArn: roleArn,
      RoleSessionName: 'acme.suppress',
      ExternalId: externalId,
    })
    const connection = await operator.connections.find('acme')
    if (!connection) throw new Error('not connected')
    aws.roles.create(customer, { ...customerRoleOf(connection, ours), RoleName: 'second' })
    await ask({ do: 'attach', roleArn: `arn:aws:iam::${customer}:role/sesame/second` })
    expect((await operator.connections.find('acme'))?.roleArn).toContain('second')
    const uses = await delivered()
    expect(uses.filter(({ purpose }) => purpose === 'suppress')).toMatchObject([{ verdict: 'expected' }])
    expect(alarmsIn(aws)).toEqual([])
  })

  test('a session after the project was disconnected is unexpected, although it was connected before', async () => {
    const { externalId } = await connected()
    await ask({ do: 'disconnect' })
    aws.clock.advance(10 * minuteMs)
    await enter(aws, 'suppression-propagation', 'propagate-suppression', {
      RoleArn: roleArn,
      RoleSessionName: 'acme.suppress',
      ExternalId: externalId,
    })
    await delivered()
    expect(alarmsIn(aws)).toMatchObject([{ why: 'no intended session: the project is not connected', role: roleArn }])
  })

  test('a former connection is kept for thirty days without its external id', async () => {
    const { externalId } = await connected()
    await ask({ do: 'disconnect' })
    const items = await aws.dynamodb.items('sesame-dev-projects')
    const former = items.filter(({ facet }) => String(facet?.S).startsWith('former#'))
    expect(former).toMatchObject([{ account: { S: customer }, roleArn: { S: roleArn } }])
    expect(Number(former[0]?.expiresAt?.N)).toBe(Date.parse('2026-04-03T05:06:07Z') / 1000)
    expect(JSON.stringify(former)).not.toContain(externalId)
  })
})

describe('a use is judged by the connection at its time', () => {
  const at = new Date('2026-03-04T12:00:00Z')
  const minutes = (count: number) => new Date(at.getTime() + count * minuteMs)
  const stack = { stage: 'dev', region: 'us-east-1', operatorWindow: undefined }
  const judge = (connection: KnownConnection, purpose: string) =>
    judgeUse(
      {
        id: '1',
        at,
        account: ours,
        region: 'us-east-1',
        roleArn,
        caller: {
          kind: 'role',
          account: ours,
          arn: `arn:aws:iam::${ours}:role/sesame/sesame-dev-us-east-1-${purpose === 'prove' ? 'configuration-management' : 'suppression-propagation'}`,
        },
        from: '192.0.2.1',
        sessionName: `acme.${purpose}`,
      },
      stack,
      async () => [connection],
    )
  const one = { account: customer, roleArn }

  test.each<{ name: string; connection: KnownConnection; purpose: string; why: string }>([
    { name: 'of version 0.2, without times', connection: one, purpose: 'suppress', why: 'expected' },
    {
      name: 'made before',
      connection: { ...one, since: minutes(-60), roleSince: minutes(-60) },
      purpose: 'suppress',
      why: 'expected',
    },
    {
      name: 'made an hour later',
      connection: { ...one, since: minutes(60) },
      purpose: 'suppress',
      why: 'the project is not connected',
    },
    {
      name: 'that got this role an hour later',
      connection: { ...one, roleSince: minutes(60) },
      purpose: 'suppress',
      why: 'not the role of the project',
    },
    {
      name: 'that got this role an hour later',
      connection: { ...one, roleSince: minutes(60) },
      purpose: 'prove',
      why: 'expected',
    },
    {
      name: 'that ended a minute before',
      connection: { ...one, until: minutes(-1) },
      purpose: 'suppress',
      why: 'expected',
    },
    {
      name: 'that ended an hour before',
      connection: { ...one, until: minutes(-60) },
      purpose: 'suppress',
      why: 'the project is not connected',
    },
    {
      name: 'that ended an hour later',
      connection: { ...one, until: minutes(60) },
      purpose: 'suppress',
      why: 'expected',
    },
    {
      name: 'to another account',
      connection: { account: '444455556666' },
      purpose: 'prove',
      why: 'not the role of the project',
    },
  ])('a use for $purpose and a connection $name: $why', async ({ connection, purpose, why }) => {
    expect(await judge(connection, purpose)).toMatchObject(
      why === 'expected' ? { verdict: 'expected' } : { verdict: 'unexpected', why: `no intended session: ${why}` },
    )
  })
})
