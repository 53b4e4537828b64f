import { BatchGetItemCommand, DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { DeleteConfigurationSetEventDestinationCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { beforeAll, describe, expect, test } from 'vitest'
import { registerCommands } from '../../src/cli/commands.ts'
import { domainEventSchemas } from '../../src/events/domain-events.ts'
import { CUSTOMER, OURS, provenAccount, type Stack } from '../access/proof/proven-account.ts'
import { run } from '../cli/operator.ts'

let stack: Stack
const hour = 3_600_000
const sesame = (...args: string[]) => run(stack.aws, registerCommands, ...args)
const customer = () => new SESv2Client(stack.aws.clientConfig(stack.aws.credentials.root(CUSTOMER)))

beforeAll(async () => {
  stack = await provenAccount()
  await stack.identity()
  for (const project of ['acme', 'quiet']) {
    const { roleInput, roleArn } = await stack.connect(project)
    stack.makeRole(roleInput)
    await stack.attach(project, roleArn)
  }
  await sesame('project', 'set', 'acme', '--activity', 'delivery')
  await sesame('configure', 'acme')
})

async function send(count: number, set = 'sesame-acme'): Promise<void> {
  const ses = customer()
  for (let i = 0; i < count; i++)
    await ses.send(
      new SendEmailCommand({
        FromEmailAddress: 'news@acme.example',
        Destination: { ToAddresses: [`reader-${i}@customer.example`] },
        Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } } } },
        ConfigurationSetName: set,
      }),
    )
  await stack.aws.settled()
}
/** Runs a function as its schedule does. */
async function fire(name: string): Promise<void> {
  const schedule = stack.aws.eventbridge.schedules.find(({ functionArn }) => functionArn.endsWith(name))
  if (!schedule) throw new Error(`${name} has no schedule`)
  await stack.aws.eventbridge.fire(schedule)
  await stack.aws.settled()
}
const told = <Type extends 'Feed Silent' | 'Feed Restored'>(type: Type) =>
  stack.aws.eventbridge.events
    .filter((event) => event['detail-type'] === type)
    .map(({ detail }) => v.parse(domainEventSchemas[type], detail))
const lastRun = () => JSON.parse(stack.aws.lambda.logLines('sesame-dev-check-feeds').at(-1) ?? '{}')
const breakFeed = () =>
  customer().send(
    new DeleteConfigurationSetEventDestinationCommand({
      ConfigurationSetName: 'sesame-acme',
      EventDestinationName: 'sesame-activity',
    }),
  )

describe('check-feeds', () => {
  test('an account that shares projects without Send events is not watched, and no silence is invented', async () => {
    await send(25)
    stack.clock.advance(5 * hour)
    await fire('check-feeds')
    expect(lastRun()).toMatchObject({ notWatched: 2, silent: 0 })
    await sesame('disconnect', 'quiet', '--yes')
  })

  test('a feed whose account sends nothing more is quiet', async () => {
    await fire('check-feeds')
    expect(lastRun()).toMatchObject({ quiet: 1, silent: 0 })
    expect(told('Feed Silent')).toEqual([])
  })

  test('a feed that broke is reported with its start, the mail meanwhile, and then with the cause that the proof found', async () => {
    await send(1)
    await breakFeed()
    stack.clock.advance(hour)
    await send(30)
    stack.clock.advance(4 * hour)
    await fire('check-feeds')
    const since = '2026-03-04T11:00:00.000Z'
    expect(told('Feed Silent')).toMatchObject([
      { project: 'acme', account: CUSTOMER, since, accepted: 30, cause: expect.stringMatching(/^not known yet/) },
    ])
    // The check has made the project due for a proof.
    stack.clock.advance(hour)
    await fire('prove-connections')
    await fire('check-feeds')
    expect(told('Feed Silent').at(-1)).toMatchObject({
      since,
      accepted: 30,
      cause: expect.stringMatching(/^configuration: .*sesame-activity/),
    })
    expect(told('Feed Silent')).toHaveLength(2)
    await fire('check-feeds')
    expect(told('Feed Silent')).toHaveLength(2)
    stack.clock.advance(25 * hour)
    await fire('check-feeds')
    expect(told('Feed Silent')).toHaveLength(3)
    const metric = stack.aws.lambda.logLines('sesame-dev-check-feeds').find((line) => line.includes('_aws'))
    expect(metric).toContain('"SilentFeeds":')
  })

  test('sesame doctor shows the silent feed as a failed step', async () => {
    const { printed, code } = await sesame('doctor', 'acme')
    expect(printed).toContain('events of the mail of the account have stopped arriving')
    expect(printed.replaceAll(/\s+/g, ' ')).toMatch(
      /silent since 2026-03-04 11:00 UTC. SES accepted mail to at least 30 recipients meanwhile/,
    )
    expect(code).toBe(1)
  })

  test('a feed that was repaired is reported once events arrive, and the doctor no longer shows it', async () => {
    await sesame('configure', 'acme')
    await fire('check-feeds')
    expect(told('Feed Restored')).toEqual([])
    await send(1)
    await fire('check-feeds')
    await fire('check-feeds')
    expect(told('Feed Restored')).toMatchObject([{ project: 'acme', since: '2026-03-04T11:00:00.000Z' }])
    expect((await sesame('doctor', 'acme')).printed).not.toContain('stopped arriving')
  })

  test('mail without the configuration set of the project is the cause if the proof finds no fault', async () => {
    stack.clock.advance(30 * hour)
    await send(25, 'sesame-acme')
    stack.clock.advance(hour)
    await customer().send(
      new SendEmailCommand({
        FromEmailAddress: 'news@acme.example',
        Destination: { ToAddresses: ['a@customer.example'] },
        Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } } } },
      }),
    )
    for (let i = 0; i < 25; i++)
      await customer().send(
        new SendEmailCommand({
          FromEmailAddress: 'news@acme.example',
          Destination: { ToAddresses: [`b${i}@customer.example`] },
          Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } } } },
        }),
      )
    stack.clock.advance(4 * hour)
    await fire('check-feeds')
    stack.clock.advance(hour)
    await fire('prove-connections')
    await fire('check-feeds')
    expect(told('Feed Silent').at(-1)?.cause).toMatch(
      /found no fault, so mail is probably sent without the configuration set sesame-acme$/,
    )
  })

  test('an account that refuses us is logged as failed, and the run ends', async () => {
    stack.aws.roles.delete(`arn:aws:iam::${CUSTOMER}:role/sesame/sesame-acme`)
    stack.clock.advance(2 * hour)
    await fire('check-feeds')
    expect(lastRun()).toMatchObject({ failed: 1 })
  })
})

describe('the role of check-feeds', () => {
  const config = async () => {
    const role = stack.aws.functions.get('check-feeds')?.roleArn ?? ''
    return stack.aws.clientConfig(await stack.aws.assumeAsService('lambda.amazonaws.com', role, 'test'))
  }
  const denied = { name: 'AccessDeniedException' }
  const table = 'sesame-dev-projects'
  const keyOf = (id: string, facet: string) => ({ id: { S: id }, facet: { S: facet } })

  test('check-feeds may store a silence and request a proof, and is refused a setting, a connection and a route', async () => {
    const dynamodb = new DynamoDBClient(await config())
    const update = (id: string, facet: string) =>
      new UpdateItemCommand({ TableName: table, Key: keyOf(id, facet), UpdateExpression: 'REMOVE x' })
    for (const [id, facet] of [
      ['acme', 'settings'],
      ['acme', 'connection'],
      ['route#111122223333', '*'],
      ['propagation#due#1', 'x'],
    ] as const)
      await expect(dynamodb.send(update(id, facet))).rejects.toMatchObject(denied)
    await dynamodb.send(update('feed#acme', 'silence'))
    await dynamodb.send(update('proofs#due#1', 'x'))
  })

  test('check-feeds may read counts, and is refused domains, activity and the suppression list', async () => {
    const dynamodb = new DynamoDBClient(await config())
    const query = (TableName: string, key: string, value: string) =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: '#key = :value',
        ExpressionAttributeNames: { '#key': key },
        ExpressionAttributeValues: { ':value': { S: value } },
      })
    await expect(dynamodb.send(query('sesame-dev-activity', 'bucket', 'acme#2026-03-04#0'))).rejects.toMatchObject(
      denied,
    )
    await expect(dynamodb.send(query('sesame-dev-suppressions', 'project', 'acme'))).rejects.toMatchObject(denied)
    await expect(dynamodb.send(query('sesame-dev-counts', 'counts', 'domains#acme'))).rejects.toMatchObject(denied)
    await expect(
      dynamodb.send(
        new BatchGetItemCommand({
          RequestItems: { 'sesame-dev-counts': { Keys: [{ counts: { S: 'live#acme' }, day: { S: '2026-03-04' } }] } },
        }),
      ),
    ).rejects.toMatchObject(denied)
    expect((await dynamodb.send(query('sesame-dev-counts', 'counts', 'sealed#acme'))).Items).toBeDefined()
  })

  test('check-feeds may tell of feeds, and is refused every other event', async () => {
    const events = new EventBridgeClient(await config())
    const put = (DetailType: string, Source = 'sesame') =>
      events.send(new PutEventsCommand({ Entries: [{ EventBusName: 'sesame-dev', Source, DetailType, Detail: '{}' }] }))
    await expect(put('Connection Restored')).rejects.toMatchObject(denied)
    await expect(put('Feed Silent', 'other')).rejects.toMatchObject(denied)
    expect((await put('Feed Restored')).FailedEntryCount).toBe(0)
  })

  test('check-feeds is refused roles of this account, and roles of customers without an external id', async () => {
    const sts = new STSClient(await config())
    const assume = (RoleArn: string, ExternalId?: string) =>
      sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'acme.quota', ...(ExternalId && { ExternalId }) }))
    await expect(
      assume(`arn:aws:iam::${OURS}:role/sesame/sesame-dev-us-east-1-project-data`, 'x'.repeat(32)),
    ).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(assume(`arn:aws:iam::${CUSTOMER}:role/sesame/sesame-quiet`)).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })
})
