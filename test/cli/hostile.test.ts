/** Stored data may hold any text of a stranger. No command lets it control the terminal, begin a line, or become a formula. */

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeAll, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { account, sesEvent, table } from '../suppression/feedback.ts'
import { fileReplay, type Ran, run } from './operator.ts'

const evil = '\u001b[2J\u001b]0;pwned\u0007\r✓ applied 1\n✓ all is well \u009b1A\u202e=HYPERLINK("x")\u2028'
/** What a terminal obeys, but for the end of a line. */
const obeyed = /(?!\n)[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

let aws: Aws
let file: string
beforeAll(async () => {
  aws = await startAws({
    account,
    clock: createManualClock(new Date('2026-03-02T12:00:00Z')),
    env: fileReplay,
  })
  await sesame('project', 'add', 'acme', '--account', account, '--configuration-set', 'sesame-acme')
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const item = {
    project: { S: 'acme' },
    address: { S: `${evil}@example.com` },
    manual: { S: `2026-03-01T10:00:00.000Z ${evil.replaceAll(/\s/g, '_')} ${evil}` },
    rulings: { SS: [`2026-03-01T10:00:00.000Z suppress x ${evil}`] },
    lastHard: { S: `2026-03-01T10:00:00.000Z id ${evil.replaceAll(/\s/g, '_')} 5.1.1 ${evil}` },
  }
  await dynamodb.send(new PutItemCommand({ TableName: table, Item: item }))
  await dynamodb.send(new PutItemCommand({ TableName: table, Item: { ...item, address: { S: 'evil@example.com' } } }))
  await dynamodb.send(
    new PutItemCommand({
      TableName: 'sesame-dev-projects',
      Item: {
        id: { S: 'acme' },
        facet: { S: 'change#2026-03-01T10:00:00.000Z#ab' },
        by: { S: evil },
        what: { S: evil },
        fields: { S: JSON.stringify({ [evil]: evil }) },
      },
    }),
  )
  const event = sesEvent({ kind: 'hard', addresses: ['a@example.com'], at: new Date(), feedbackId: 'x' }, 'sesame-acme')
  const forged = JSON.stringify(event).replaceAll(account, JSON.stringify(evil).slice(1, -1))
  file = join(mkdtempSync(join(tmpdir(), 'sesame-hostile-')), 'forged.json')
  writeFileSync(file, forged)
  await aws.callAsService(
    'ses.amazonaws.com',
    { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` },
    'sns',
    'Publish',
    { TopicArn: `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-bounces`, Message: forged },
  )
  await aws.settled()
})
const sesame = (...args: string[]): Promise<Ran> => run(aws, registerCommands, ...args)

const commands = [
  ['list', 'acme', '--all'],
  ['check', 'acme', 'evil@example.com'],
  ['changes', 'acme'],
  ['project', 'list'],
  ['dead-letters', 'list'],
  ['dead-letters', 'list', '--each'],
  ['parse'],
  ['replay'],
]
const cases = commands.flatMap((args) =>
  ['table', 'json', 'csv'].map((output) => [args.join(' '), output, args] as const),
)

test.each(cases)('sesame %s --output %s prints no text that controls a terminal', async (_, output, args) => {
  const paths = ['parse', 'replay'].includes(args[0] ?? '') ? [file] : []
  const { printed } = await sesame(...args, ...paths, '--output', output)
  expect(printed).not.toBe('')
  expect(printed).not.toMatch(obeyed)
  expect(printed.split('\n').filter((line) => line.startsWith('✓'))).toEqual([])
})

test('the hostile text is in the stored data that the commands read', async () => {
  for (const args of [
    ['list', 'acme', '--all'],
    ['changes', 'acme'],
    ['check', 'acme', 'evil@example.com'],
  ])
    expect((await sesame(...args)).printed).toContain('\\u001b[2J')
})
