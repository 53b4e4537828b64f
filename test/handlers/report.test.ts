import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { bounce, send } from '../activity/mail-event.ts'
import { run } from '../cli/operator.ts'
import { account } from '../suppression/feedback.ts'

let aws: Aws
const clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
const sesame = (...args: string[]) => run(aws, registerCommands, ...args)
const fire = async () => {
  const schedule = aws.eventbridge.schedules.find(({ functionArn }) => functionArn.endsWith('sesame-dev-report'))
  if (!schedule) throw new Error('report has no schedule')
  await aws.eventbridge.fire(schedule)
  await aws.settled()
}
const bucket = () => {
  const [name, found] = [...aws.s3.buckets].find(([one]) => one.includes('reportsbucket')) ?? []
  if (name === undefined || !found) throw new Error('there is no bucket of reports')
  return { name, objects: found.objects }
}
const lastRun = () => JSON.parse(aws.lambda.logLines('sesame-dev-report').at(-1) ?? '{}')

beforeAll(async () => {
  aws = await startAws({ account, clock })
  for (const project of ['acme', 'globex'])
    await sesame('project', 'add', project, '--account', account, '--configuration-set', `sesame-${project}`)
  await sesame('project', 'set', 'acme', '--activity', 'delivery')
  for (const event of [send(), send({ nth: 2 }), bounce('Permanent', 'NoEmail', { nth: 2 })])
    await aws.callAsService(
      'ses.amazonaws.com',
      { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` },
      'sns',
      'Publish',
      { TopicArn: `arn:aws:sns:us-east-1:${account}:sesame-dev-activity`, Message: JSON.stringify(event) },
    )
  await sesame('suppress', 'acme', 'someone@customer.example', '--why', 'asked')
  await aws.settled()
})

describe('report', () => {
  test('the daily report of each project with activity is in the bucket, for the days up to yesterday, without an address', async () => {
    await fire()
    expect(lastRun()).toEqual({ written: 1, withoutActivity: 0, failed: 0, left: 0 })
    const { objects } = bucket()
    expect([...objects.keys()].sort()).toEqual(['reports/acme/2026-03-01.html', 'reports/acme/2026-03-01.json'])
    const text = (key: string) => Buffer.from(objects.get(key)?.body ?? []).toString()
    expect(JSON.parse(text('reports/acme/2026-03-01.json'))).toMatchObject({
      project: 'acme',
      from: '2026-01-31',
      to: '2026-03-01',
      volume: { sent: 2, hardBounces: 1 },
      list: { total: 1 },
    })
    expect(text('reports/acme/2026-03-01.html')).toMatch(/^<!doctype html>/)
    expect(objects.get('reports/acme/2026-03-01.html')?.contentType).toBe('text/html; charset=utf-8')
    for (const key of objects.keys()) expect(text(key)).not.toContain('someone@')
  })

  test('a second run on the same day replaces the reports, and one on the next day adds others', async () => {
    await fire()
    expect(bucket().objects.size).toBe(2)
    clock.advance(24 * 3_600_000)
    await fire()
    expect(bucket().objects.size).toBe(4)
  })

  test('the bucket is private: it refuses everybody who is not of the account, and objects in other places', async () => {
    const { name } = bucket()
    const Key = 'reports/acme/2026-03-01.json'
    const stranger = new S3Client({ ...aws.clientConfig(aws.credentials.root('999988887777')), forcePathStyle: true })
    await expect(stranger.send(new GetObjectCommand({ Bucket: name, Key }))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
    const role = aws.functions.get('report')?.roleArn ?? ''
    const config = aws.clientConfig(await aws.assumeAsService('lambda.amazonaws.com', role, 'sesame-dev-report'))
    const own = new S3Client({ ...config, forcePathStyle: true })
    const put = (key: string, to = name) => own.send(new PutObjectCommand({ Bucket: to, Key: key, Body: 'x' }))
    await put('reports/acme/x.json')
    await expect(put('other/x.json')).rejects.toMatchObject({ name: 'AccessDenied' })
    const access = [...aws.s3.buckets.keys()].find((one) => one.includes('accessbucket')) ?? ''
    await expect(put('reports/x.json', access)).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(own.send(new GetObjectCommand({ Bucket: name, Key }))).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('report is refused activity, an external id and the role of a customer', async () => {
    const role = aws.functions.get('report')?.roleArn ?? ''
    const dynamodb = new DynamoDBClient(
      aws.clientConfig(await aws.assumeAsService('lambda.amazonaws.com', role, 'sesame-dev-report')),
    )
    const query = (TableName: string, key: string, value: string, ProjectionExpression?: string) =>
      dynamodb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: '#key = :value',
          ExpressionAttributeNames: { '#key': key },
          ExpressionAttributeValues: { ':value': { S: value } },
          ...(ProjectionExpression && { ProjectionExpression }),
        }),
      )
    const denied = { name: 'AccessDeniedException' }
    await expect(query('sesame-dev-activity', 'bucket', 'acme#2026-03-01#0')).rejects.toMatchObject(denied)
    await expect(query('sesame-dev-projects', 'id', 'acme')).rejects.toMatchObject(denied)
    for (const attribute of ['externalId', 'roleArn'])
      await expect(query('sesame-dev-projects', 'id', 'acme', attribute)).rejects.toMatchObject(denied)
    await expect(query('sesame-dev-projects', 'id', 'route#111122223333')).rejects.toMatchObject(denied)
    await query('sesame-dev-projects', 'id', 'acme', 'settings, account')
    await query('sesame-dev-projects', 'id', 'feed#acme')
  })
})
