/** From `connect` to the first session, through the deployed function, using only what the customer receives. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Aws, startAws } from '../../../local/aws.ts'
import { TrustRefusedError } from '../../../src/access/session/errors.ts'
import type { Purpose } from '../../../src/access/session/request.ts'
import { sessionStatementsOf } from '../../../src/access/session/session-policy.ts'
import { createSessions } from '../../../src/access/session/sessions.ts'
import { resolve } from '../../../src/template/resolve.ts'
import { CUSTOMER, connectionOf, OURS, REGION, visitor } from '../visited-account.ts'

const Done = v.object({
  done: v.object({
    connection: v.object({ externalId: v.string(), nextExternalId: v.optional(v.string()) }),
    onboarding: v.object({ link: v.string(), command: v.string(), terraform: v.string() }),
  }),
})

async function ask(aws: Aws, request: object) {
  const lambda = new LambdaClient(aws.clientConfig(aws.credentials.root(OURS)))
  const FunctionName = `sesame-${aws.stage}-manage-connection`
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify({ by: 'test', project: 'acme', ...request }) }),
  )
  return v.parse(Done, JSON.parse(Payload?.transformToString() ?? 'null')).done
}

/** Creates the stack of a quick-create link as the console does. */
async function deploy(aws: Aws, link: string): Promise<string> {
  const given = new URLSearchParams(link.split('#/stacks/quickcreate?')[1])
  const { host, pathname, searchParams } = new URL(given.get('templateURL') ?? '')
  const query = Object.fromEntries(searchParams)
  const { status, body } = await aws.handle({
    method: 'GET',
    path: pathname,
    query,
    headers: { host },
    body: new Uint8Array(),
  })
  expect(status).toBe(200)
  const { Parameters, Conditions, Resources } = parse(Buffer.from(body).toString())
  const parameters: Record<string, unknown> = {
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::AccountId': CUSTOMER,
  }
  for (const [name, { Default, Type, AllowedPattern, AllowedValues }] of Object.entries<Record<string, string>>(
    Parameters,
  )) {
    const value = given.get(`param_${name}`) ?? Default ?? ''
    const values = Type === 'CommaDelimitedList' ? value.split(',') : [value]
    for (const one of values) {
      if (AllowedPattern) expect(one).toMatch(new RegExp(AllowedPattern))
      if (AllowedValues) expect(AllowedValues).toContain(one)
    }
    parameters[name] = Type === 'CommaDelimitedList' ? values : value
  }
  expect([...given.keys()].filter((name) => name.startsWith('param_') && !(name.slice(6) in Parameters))).toEqual([])
  const properties = resolve(Resources.SesameAccess.Properties, { parameters, resources: {}, conditions: Conditions })
  const before = aws.roles.byArn(`arn:aws:iam::${CUSTOMER}:role/sesame/${given.get('param_RoleName')}`)
  if (before) aws.roles.delete(before.arn)
  return aws.roles.create(CUSTOMER, properties).arn
}

describe('a new customer', () => {
  let aws: Aws
  beforeAll(async () => {
    aws = await startAws()
    aws.roles.create(OURS, visitor('visitor'))
  })

  const openSession = async (externalId: string, roleArn: string) => {
    const own = await aws.assumeAsService(
      'lambda.amazonaws.com',
      `arn:aws:iam::${OURS}:role/sesame/visitor`,
      'function',
    )
    const sessions = createSessions(new STSClient(aws.clientConfig(own)), aws.clock.now)
    const connection = { ...connectionOf('acme'), externalId, roleArn }
    const prove: Purpose = { name: 'prove', allow: sessionStatementsOf(connection, ['ses:GetAccount']) }
    return sessions.use(connection, prove, (credentials) =>
      new SESv2Client(aws.clientConfig(credentials)).send(new GetAccountCommand({})),
    )
  }

  test('a new customer opens the link and creates the role, which Sesame can assume with the external id only', async () => {
    const { connection, onboarding } = await ask(aws, { do: 'connect', account: CUSTOMER })
    const roleArn = await deploy(aws, onboarding.link)
    expect(await openSession(connection.externalId, roleArn)).toMatchObject({ ProductionAccessEnabled: true })
    await expect(openSession('0'.repeat(32), roleArn)).rejects.toBeInstanceOf(TrustRefusedError)
    expect(onboarding.command).toContain(connection.externalId)
    expect(onboarding.terraform).toContain(connection.externalId)
  })

  test('the link of a rotation updates the role, which Sesame can then assume with either external id', async () => {
    const { connection, onboarding } = await ask(aws, { do: 'rotate' })
    const roleArn = await deploy(aws, onboarding.link)
    expect(connection.nextExternalId).toBeDefined()
    for (const id of [connection.externalId, connection.nextExternalId ?? ''])
      expect(await openSession(id, roleArn)).toMatchObject({ ProductionAccessEnabled: true })
  })

  test('no external id is in the log of the function or in the record of calls', async () => {
    const { connection } = await ask(aws, { do: 'connect', account: CUSTOMER })
    const lines = aws.lambda.logLines(`sesame-${aws.stage}-manage-connection`)
    expect(lines.length).toBeGreaterThan(0)
    expect(JSON.stringify([lines, aws.record])).not.toContain(connection.externalId)
    await aws.settled()
  })
})
