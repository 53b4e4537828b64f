import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { Aws } from '../../local/aws.ts'
import { failure } from '../local/sign-in.ts'
import { runsOf } from '../runs.ts'
import { customersRole, enter, externalId, ours, roleOf, table, watchedAws } from './watched.ts'

/** Records of expected and unexpected uses, and of enough refusals for a burst. */
let records: readonly object[]
beforeAll(async () => {
  const aws = await watchedAws()
  const propagate = (RoleSessionName: string, ExternalId: string) =>
    enter(aws, 'suppression-propagation', 'propagate-suppression', { RoleSessionName, ExternalId })
  await aws.assumeAsService('lambda.amazonaws.com', roleOf('notification-handler'), 'sesame-dev-evil')
  await propagate('acme.suppress', externalId)
  await propagate('other.suppress', externalId)
  for (let i = 0; i < 6; i++) {
    aws.clock.advance(20_000)
    await failure(propagate('acme.suppress', 'wrong'))
  }
  await aws.settled()
  records = aws.cloudtrail.records.filter(
    (record) =>
      record.recipientAccountId === ours && JSON.stringify(record.resources).match(/evil|notification|access/),
  )
}, 30_000)

async function tableAfter(order: readonly object[]): Promise<{ items: unknown[]; alarms: string[] }> {
  const aws: Aws = await watchedAws()
  const itemsBefore = new Set((await aws.dynamodb.items(table)).map((item) => JSON.stringify(item)))
  for (const record of order)
    aws.eventbridge.publishAwsEvent('aws.sts', 'AWS API Call via CloudTrail', record, new Date(0))
  await aws.settled()
  const items = (await aws.dynamodb.items(table))
    .map((item) => JSON.stringify(item))
    .filter((item) => !itemsBefore.has(item) && !item.includes('"role-audit"'))
  const alarms = aws.eventbridge.events.map(({ detail }) => JSON.stringify(detail))
  return { items: items.sort(), alarms: alarms.sort() }
}

test('any order and any repetition of the records gives the same table of role uses and each alarm once', async () => {
  expect(records.length).toBeGreaterThan(8)
  const wanted = await tableAfter(records)
  expect(wanted.items.filter((item) => String(item).includes('#raised'))).toHaveLength(3)
  expect(wanted.alarms).toHaveLength(3)
  expect(JSON.stringify(wanted.items)).toContain(customersRole)
  const orders = fc.array(fc.nat({ max: records.length - 1 }), { maxLength: 10 }).chain((twice) => {
    const all = [...records, ...twice.flatMap((i) => records[i] ?? [])]
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
  })
  await fc.assert(
    fc.asyncProperty(orders, async (order) => {
      expect(await tableAfter(order)).toEqual(wanted)
    }),
    { seed: 1, numRuns: runsOf(15) },
  )
}, 120_000)
