import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createListReader, recordOf, rulingsOf } from '../../src/suppression/read-list.ts'
import { createRulings } from '../../src/suppression/rule-by-hand.ts'
import { readHistory } from '../../src/suppression/stored-ruling.ts'
import { assume, failure } from '../local/sign-in.ts'
import { table } from './feedback.ts'

let aws: Aws
let dynamodb: DynamoDBClient
beforeAll(async () => {
  aws = await startAws()
  const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-operator`
  dynamodb = new DynamoDBClient(aws.clientConfig(await assume(aws, aws.credentials.root(aws.account), { RoleArn })))
})
const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute))
const historyOf = async (address: string) =>
  rulingsOf(await createListReader(dynamodb, table).itemsOf('acme', address)).map(
    ({ at, decision, by, why }) => `${at.getUTCMinutes()} ${decision} ${by}: ${why}`,
  )

describe('the history of rulings', () => {
  test('the history keeps who ruled on an address, when and why, although only the latest ruling decides', async () => {
    const rulings = createRulings(dynamodb, table)
    await rulings.suppress('acme', 'a@example.com', { at: at(1), by: 'Ann Lee', why: 'asked by phone' })
    await rulings.reinstate('acme', 'a@example.com', { at: at(2), by: 'bob', why: 'asked again' })
    await rulings.suppress('acme', 'a@example.com', { at: at(3), by: 'ann', why: 'legal\ndepartment' })
    expect(await historyOf('a@example.com')).toEqual([
      '1 suppress Ann_Lee: asked by phone',
      '2 reinstate bob: asked again',
      '3 suppress ann: legal department',
    ])
  })

  test('a ruling that is written twice, or that is older than the latest, adds nothing', async () => {
    const rulings = createRulings(dynamodb, table)
    const ruling = { at: at(5), by: 'ann', why: 'once' }
    expect(await rulings.suppress('acme', 'b@example.com', ruling)).toBe('recorded')
    expect(await rulings.suppress('acme', 'b@example.com', ruling)).toBe('ignored: a newer ruling stands')
    await rulings.suppress('acme', 'b@example.com', { ...ruling, at: at(4) })
    expect(await historyOf('b@example.com')).toEqual(['5 suppress ann: once'])
  })

  test('a full history stays as it is, and the latest ruling still decides and is still shown', async () => {
    const rulings = createRulings(dynamodb, table)
    for (let minute = 1; minute <= 25; minute++)
      await rulings.suppress('acme', 'c@example.com', { at: at(minute), by: 'ann', why: `number ${minute}` })
    const history = await historyOf('c@example.com')
    expect(history).toHaveLength(21)
    expect(history.at(-2)).toBe('20 suppress ann: number 20')
    expect(history.at(-1)).toBe('25 suppress ann: number 25')
    const items = await createListReader(dynamodb, table).itemsOf('acme', 'c@example.com')
    expect(recordOf(items).manual).toEqual({ at: at(25), by: 'ann', why: 'number 25' })
  })

  test('rulings of version 0.2.0, which kept no history, are shown', () => {
    const item = {
      address: 'd@example.com',
      manual: '2026-03-01T10:01:00.000Z ann asked',
      reinstated: '2026-03-01T10:02:00.000Z bob',
    }
    expect(rulingsOf([item])).toEqual([
      { at: at(1), by: 'ann', why: 'asked', decision: 'suppress' },
      { at: at(2), by: 'bob', why: '', decision: 'reinstate' },
    ])
  })

  test('a stored history of any text is read without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (texts) => {
        for (const { at } of readHistory(texts)) expect(Number.isNaN(at.getTime())).toBe(false)
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  test('the operator may add to the history, and may not add evidence', async () => {
    const update = (attribute: string) =>
      dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { project: { S: 'acme' }, address: { S: 'e@example.com' } },
          UpdateExpression: 'ADD #one :one',
          ExpressionAttributeNames: { '#one': attribute },
          ExpressionAttributeValues: { ':one': { SS: ['2026-03-01T10:01:00.000Z suppress ann asked'] } },
        }),
      )
    expect(await failure(update('lastHard'))).toMatchObject({ name: 'AccessDeniedException' })
    await update('rulings')
  })
})
