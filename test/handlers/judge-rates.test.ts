import { DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { dayOf } from '../../src/activity/bucket.ts'
import { noVolume } from '../../src/activity/counts.ts'
import { createLiveCounts } from '../../src/activity/live-counts.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { createOwnHolds } from '../../src/projects/change-hold.ts'
import { fireSchedule } from '../activity/seal.ts'
import { run } from '../cli/operator.ts'
import { account } from '../suppression/feedback.ts'

const name = 'sesame-dev-judge-rates'
const hourMs = 3_600_000
let aws: Aws
let root: DynamoDBClient
const clock = createManualClock(new Date('2026-03-10T12:00:00Z'))
const sesame = (...args: string[]) => run(aws, registerCommands, ...args)
const judge = () => fireSchedule(aws, name)
const shown = async (project: string) => JSON.parse((await sesame('project', 'show', project)).printed)
const published = (project: string) =>
  JSON.parse(JSON.stringify(aws.eventbridge.events))
    .map((event: { detail: object }) => ({ type: Reflect.get(event, 'detail-type'), ...event.detail }))
    .filter((event: { project?: string }) => event.project === project)
const typesOf = (events: readonly { type: string; cause?: string }[]) => events.map(({ type, cause }) => [type, cause])

/** So much was sent, bounced and was complained about in the present hour. */
async function mail(project: string, sent: number, bounces: number, complaints = 0): Promise<void> {
  const volume = { ...noVolume, sent, bounces, complaints }
  const now = clock.now()
  const added = { counts: new Map(), hours: new Map([[now.getUTCHours(), volume]]) }
  await createLiveCounts(root, 'sesame-dev-counts', clock.now).add(project, dayOf(now), added)
}

beforeAll(async () => {
  aws = await startAws({ account, clock })
  root = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  for (const project of ['acme', 'globex', 'initech', 'umbrella'])
    await sesame('project', 'add', project, '--account', account, '--configuration-set', `set-${project}`)
})

describe('judge-rates', () => {
  test('judge-rates warns, then holds with the numbers, and keeps the hold until the rate is below the line of the warning', async () => {
    await mail('acme', 10_000, 150)
    await judge()
    expect((await shown('acme')).hold).toBeUndefined()

    await mail('acme', 0, 60)
    await judge()
    expect((await shown('acme')).hold).toMatchObject({
      holds: [],
      warning: { why: 'hard bounces are 2.1 % of 10,000 recipients of the last 24 hours (210), and the line is 2 %' },
    })
    await mail('acme', 0, 200)
    await judge()
    const { hold } = await shown('acme')
    expect(hold.holds).toMatchObject([
      {
        cause: 'rates',
        since: '2026-03-10T12:00:00.000Z',
        why: 'hard bounces are 4.1 % of 10,000 recipients of the last 24 hours (410), and the line is 4 %',
      },
    ])
    // 3.4 %: below its line and above that of the warning.
    await mail('acme', 2_000, 0)
    await judge()
    expect((await shown('acme')).hold.holds).toEqual(hold.holds)
    await mail('acme', 12_000, 0)
    await judge()
    expect((await shown('acme')).hold).toMatchObject({ holds: [], warning: {} })
    await mail('acme', 12_000, 0)
    await judge()
    expect((await shown('acme')).hold).toBeUndefined()
    expect(typesOf(published('acme'))).toEqual([
      ['Project Warned', undefined],
      ['Project Held', 'rates'],
      ['Project Resumed', 'rates'],
    ])
    expect(published('acme')[1]).toMatchObject({
      rate: 'bounces',
      days: 1,
      events: 410,
      recipients: 10_000,
    })
  })

  test('judge-rates publishes nothing and changes nothing while a project stays as it is', async () => {
    await mail('globex', 5_000, 400)
    await judge()
    const events = published('globex')
    const before = await shown('globex')
    expect(before.hold.holds).toHaveLength(1)
    clock.advance(hourMs)
    await judge()
    expect(await shown('globex')).toEqual(before)
    expect(published('globex')).toEqual(events)
  })

  test('sesame resume ends the hold, rates count anew, and hold nothing before the override ends', async () => {
    clock.advance(hourMs)
    const { printed } = await sesame('resume', 'globex', '--why', 'the list is cleaned', '--hours', '3', '--by', 'ann')
    expect(printed).toContain('hold nothing before 2026-03-10T17:00:00.000Z')
    await judge()
    expect((await shown('globex')).hold).toBeUndefined()
    clock.advance(hourMs)
    await mail('globex', 1_000, 60)
    await judge()
    expect((await shown('globex')).hold).toMatchObject({ holds: [], warning: { since: '2026-03-10T15:00:00.000Z' } })
    clock.advance(2 * hourMs)
    await judge()
    expect((await shown('globex')).hold.holds).toMatchObject([
      { cause: 'rates', why: expect.stringContaining('6 % of 1,000 recipients') },
    ])
    expect(typesOf(published('globex'))).toEqual([
      ['Project Held', 'rates'],
      ['Project Resumed', 'operator'],
      ['Project Warned', undefined],
      ['Project Held', 'rates'],
    ])
    const changes = (await sesame('changes', 'globex', '--json')).printed
    expect(changes).toContain('the list is cleaned')
  })

  test('rules of the project decide: other lines, only warnings, or nothing', async () => {
    const rules = (action: string) =>
      sesame('project', 'set', 'initech', '--hold-rules', `{"action":"${action}","bounces":{"warn":0.1,"hold":0.2}}`)
    await rules('warn')
    await mail('initech', 1_000, 90)
    await judge()
    expect((await shown('initech')).hold).toBeUndefined()
    await mail('initech', 0, 200)
    await judge()
    expect((await shown('initech')).hold).toMatchObject({ holds: [], warning: {} })
    await rules('hold')
    await judge()
    expect((await shown('initech')).hold.holds).toHaveLength(1)
    await rules('off')
    await judge()
    expect((await shown('initech')).hold).toBeUndefined()
    await expect(
      sesame('project', 'set', 'initech', '--hold-rules', '{"bounces":{"warn":0.3,"hold":0.2}}'),
    ).rejects.toThrow('must warn before it holds')
  })

  test('one or two complaints hold nobody, three do', async () => {
    await mail('umbrella', 1_000, 0, 2)
    await judge()
    expect((await shown('umbrella')).hold).toBeUndefined()
    await mail('umbrella', 0, 0, 1)
    await judge()
    expect((await shown('umbrella')).hold.holds).toMatchObject([
      { why: 'complaints are 0.3 % of 1,000 recipients of the last 24 hours (3), and the line is 0.08 %' },
    ])
  })

  test('a project whose settings cannot be read is reported, and the others are judged', async () => {
    await root.send(
      new PutItemCommand({
        TableName: 'sesame-dev-projects',
        Item: { id: { S: 'broken' }, facet: { S: 'settings' }, settings: { S: '{' } },
      }),
    )
    await mail('broken', 1, 0)
    await judge()
    const lines = aws.lambda.logLines(name).map((line) => JSON.parse(line))
    expect(lines.at(-2)).toMatchObject({ project: 'broken', outcome: 'failed' })
    expect(lines.at(-1)).toMatchObject({
      projects: 4,
      failed: 1,
      FunctionName: name,
      ProjectsHeld: 2,
      ProjectsNotJudged: 1,
      Complaints24h: 3,
    })
    expect(JSON.stringify(lines.at(-1))).not.toContain('umbrella')
  })

  test('judge-rates reads only projects that have had mail in the last weeks, and goes on with them after their days are sealed', async () => {
    await sesame('project', 'add', 'idle', '--account', account, '--configuration-set', 'set-idle')
    const readsOf = async () => {
      aws.dynamodb.resetMeter()
      await judge()
      return aws.dynamodb.meter('sesame-dev-projects').reads
    }
    const reads = await readsOf()
    await mail('idle', 1, 0)
    expect(await readsOf()).toBeGreaterThan(reads)
    clock.advance(hourMs)
    await fireSchedule(aws, 'sesame-dev-seal-counts')
    expect((await aws.dynamodb.items('sesame-dev-counts')).filter(({ day }) => day?.S === 'idle')).toHaveLength(1)
    expect(await readsOf()).toBeGreaterThan(reads)
  })
})

describe('sesame hold', () => {
  test('sesame hold stops the mail of a project for some hours, and replaces no hold of another cause', async () => {
    await createOwnHolds(root, 'sesame-dev-projects').set('acme', 'ses', { since: clock.now(), why: 'SES has paused' })
    await sesame('hold', 'acme', '--why', 'an old list', '--hours', '2', '--by', 'ann')
    const { hold } = await shown('acme')
    expect(hold.holds.map(({ cause, why }: { cause: string; why: string }) => [cause, why])).toEqual([
      ['operator', 'an old list'],
      ['ses', 'SES has paused'],
    ])
    clock.advance(2 * hourMs)
    expect((await shown('acme')).hold.holds).toMatchObject([{ cause: 'ses' }])
    await sesame('resume', 'acme', '--why', 'SES has resumed')
    expect((await shown('acme')).hold).toBeUndefined()
    await expect(sesame('hold', 'nobody', '--why', 'x')).rejects.toThrow('nobody does not exist')
  })
})

describe('the role rate-judging', () => {
  test('the role rate-judging reads counts and sets the holds of rates, and is refused to change another hold or read anything else', async () => {
    const role = aws.functions.get('judge-rates')?.roleArn ?? ''
    const dynamodb = new DynamoDBClient(
      aws.clientConfig(await aws.assumeAsService('lambda.amazonaws.com', role, 'test')),
    )
    const query = (TableName: string, key: string, ProjectionExpression?: string) =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: '#key = :key',
        ExpressionAttributeNames: { '#key': key },
        ExpressionAttributeValues: { ':key': { S: 'acme' } },
        ProjectionExpression,
      })
    const set = (attribute: string) =>
      new UpdateItemCommand({
        TableName: 'sesame-dev-projects',
        Key: { id: { S: 'acme' }, facet: { S: 'hold' } },
        UpdateExpression: 'SET #a = :a',
        ExpressionAttributeNames: { '#a': attribute },
        ExpressionAttributeValues: { ':a': { S: '{"since":"2026-03-01T00:00:00.000Z","why":"test"}' } },
      })
    await dynamodb.send(query('sesame-dev-counts', 'counts'))
    await dynamodb.send(query('sesame-dev-projects', 'id', 'settings'))
    await dynamodb.send(set('warnedByRates'))
    for (const refused of [
      dynamodb.send(query('sesame-dev-projects', 'id')),
      dynamodb.send(query('sesame-dev-projects', 'id', 'externalId')),
      dynamodb.send(query('sesame-dev-activity', 'bucket')),
      dynamodb.send(query('sesame-dev-suppressions', 'project')),
      dynamodb.send(set('heldByOperator')),
      dynamodb.send(set('settings')),
      dynamodb.send(
        new PutItemCommand({
          TableName: 'sesame-dev-counts',
          Item: { counts: { S: 'sealed#acme' }, day: { S: '2026-03-01' } },
        }),
      ),
    ])
      await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })
})
