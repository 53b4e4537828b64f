/** The daily proof under its deployed roles: every grant is used, and a call that exceeds it is refused. */
import { fileURLToPath } from 'node:url'
import { BatchGetItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, test } from 'vitest'
import { readTemplate } from '../../src/template/template.ts'
import { CUSTOMER, MANAGER, OURS, PROBE, provenAccount, type Stack } from '../access/proof/proven-account.ts'

const open = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OURS}:root` }, Action: 'sts:AssumeRole' },
}
const root = fileURLToPath(new URL('../..', import.meta.url))
const nameOf = (role: string) => role.split('/').at(-1) ?? ''

let stack: Stack
let config: ReturnType<Stack['aws']['clientConfig']>
beforeAll(async () => {
  stack = await provenAccount()
  const acme = await stack.connect('acme', { features: ['reading'] })
  stack.makeRole(acme.roleInput)
  await stack.attach('acme', acme.roleArn)
  stack.makeRole(acme.roleInput, { AssumeRolePolicyDocument: open })
  for (let hours = 0; hours < 24; hours++) await stack.hour()
})

const used = (role: string) =>
  new Set(
    stack.aws.record
      .filter((call) => call.role === nameOf(role) && call.account === OURS && call.verdict === 'allowed')
      .map(({ action }) => action),
  )

describe('a day of prove-connections', () => {
  test('prove-connections and the probe use every grant of their roles for proofs', () => {
    expect([...used(MANAGER)]).toEqual(
      expect.arrayContaining([
        'dynamodb:DeleteItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
        'events:PutEvents',
        'lambda:InvokeFunction',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'sts:AssumeRole',
      ]),
    )
    expect([...used(PROBE)].sort()).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents', 'sts:AssumeRole'])
  })

  test('prove-connections logs one line per proven connection and one per run', () => {
    const lines = stack.aws.lambda.logLines('sesame-dev-prove-connections').map((line) => JSON.parse(line))
    expect(lines.filter((line) => 'project' in line)).toEqual([
      { project: 'acme', outcome: 'quarantined', why: 'trust: the role can be assumed without an external id' },
    ])
    expect(lines.filter((line) => 'left' in line)).toHaveLength(24)
  })

  test('a run that leaves connections over logs their number as the metric that an alarm watches', async () => {
    const fn = stack.aws.lambda.functions.get('sesame-dev-prove-connections')
    const lines = () => stack.aws.lambda.logLines('sesame-dev-prove-connections').map((line) => JSON.parse(line))
    expect(lines().at(-1)).toMatchObject({ left: 0, FunctionName: 'sesame-dev-prove-connections' })
    // The run reserves 90 s for its last proof, so this one has no time for any.
    const definition = Object.assign({}, fn?.definition)
    Object.assign(Object(fn).definition, { timeoutSeconds: 60 })
    for (let hours = 0; hours < 25; hours++) await stack.hour()
    Object.assign(Object(fn).definition, definition)
    const line = lines().at(-1)
    expect(line).toMatchObject({ proven: 0, left: 1 })
    const [metric] = line._aws.CloudWatchMetrics
    const { resources } = readTemplate({
      root,
      stage: 'dev',
      account: OURS,
      region: 'us-east-1',
      endpoint: '',
      env: {},
    })
    const { Namespace, MetricName, Dimensions } = resources.get('ProveConnectionsLeftAlarm')?.Properties ?? {}
    expect({ Namespace, names: [MetricName] }).toEqual({
      Namespace: metric.Namespace,
      names: metric.Metrics.flatMap(({ Name }: { Name: string }) => (Name === 'left' ? Name : [])),
    })
    expect(metric.Dimensions).toEqual([['FunctionName']])
    expect(Dimensions).toMatchObject([{ Name: 'FunctionName' }])
    expect(JSON.stringify(Dimensions)).toContain('ProveDashconnectionsLambdaFunction')
  })

  test('a failing run of prove-connections is tried three times and then kept in its dead-letter queue', async () => {
    const fn = stack.aws.lambda.functions.get('sesame-dev-prove-connections')
    fn?.crashes.push(...Array.from({ length: 3 }, () => ({ afterCalls: 0 })))
    await stack.hour()
    expect(used(MANAGER)).toContain('sqs:SendMessage')
  })
})

describe('the role configuration-management may not', () => {
  beforeAll(async () => {
    config = stack.aws.clientConfig(await stack.aws.assumeAsService('lambda.amazonaws.com', MANAGER, 'function'))
  })
  const refused = async (call: Promise<unknown>) => expect(call).rejects.toThrow(/not authorized|AccessDenied/)

  test('configuration-management may not read another table, nor write to the projects table outside of a transaction', async () => {
    const dynamodb = new DynamoDBClient(config)
    const key = { project: { S: 'acme' }, address: { S: 'a' } }
    await refused(
      dynamodb.send(new BatchGetItemCommand({ RequestItems: { 'sesame-dev-suppressions': { Keys: [key] } } })),
    )
    const settings = { id: { S: 'acme' }, facet: { S: 'settings' } }
    await refused(
      dynamodb.send(new BatchGetItemCommand({ RequestItems: { 'sesame-dev-projects': { Keys: [settings] } } })),
    )
    const Item = { id: { S: 'acme' }, facet: { S: 'proof#now' } }
    await refused(dynamodb.send(new PutItemCommand({ TableName: 'sesame-dev-projects', Item })))
  })

  test('configuration-management may not assume a role without an external id, nor any role of our own account', async () => {
    const sts = new STSClient(config)
    const enter = (RoleArn: string, ExternalId?: string) =>
      sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'acme.test', ...(ExternalId && { ExternalId }) }))
    await refused(enter(`arn:aws:iam::${CUSTOMER}:role/sesame/sesame-acme`))
    stack.aws.roles.create(OURS, { RoleName: 'open', Path: '/sesame/', AssumeRolePolicyDocument: open })
    await refused(enter(`arn:aws:iam::${OURS}:role/sesame/open`, 'any-id'))
  })

  test('configuration-management may not call SES without a customer’s session', async () => {
    await refused(new SESv2Client(config).send(new GetAccountCommand({})))
  })

  test('configuration-management may not invoke any function but the probe', async () => {
    const lambda = new LambdaClient(config)
    for (const name of ['record-bounce', 'manage-connection', 'prove-connections'])
      await refused(lambda.send(new InvokeCommand({ FunctionName: `sesame-dev-${name}` })))
  })

  test('configuration-management may publish to our bus as sesame, and not to another bus or with another source', async () => {
    const events = new EventBridgeClient(config)
    const put = (EventBusName: string, Source: string) =>
      events.send(new PutEventsCommand({ Entries: [{ EventBusName, Source, DetailType: 'Any', Detail: '{}' }] }))
    await refused(put('default', 'sesame'))
    await refused(put('sesame-dev', 'another'))
    await expect(put('sesame-dev', 'sesame')).resolves.toMatchObject({ FailedEntryCount: 0 })
  })

  test('configuration-management may not send to the dead-letter queue of another function', async () => {
    const QueueUrl = `${config.endpoint}/${OURS}/sesame-dev-record-bounce-dead-letters`
    await refused(new SQSClient(config).send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' })))
  })
})
