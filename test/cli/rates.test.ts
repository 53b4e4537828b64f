import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { dayOf } from '../../src/activity/bucket.ts'
import { noVolume } from '../../src/activity/counts.ts'
import { createLiveCounts } from '../../src/activity/live-counts.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { provenAccount, type Stack } from '../access/proof/proven-account.ts'
import { run } from './operator.ts'

let stack: Stack
let customer: string
const sesame = (...args: readonly string[]) => run(stack.aws, registerCommands, ...args)

beforeAll(async () => {
  stack = await provenAccount()
  await stack.identity()
  const acme = await stack.connect('acme')
  stack.makeRole(acme.roleInput)
  await sesame('attach', 'acme', acme.roleArn)
  await sesame('project', 'add', 'own', '--account', stack.aws.account, '--configuration-set', 'own')
  const { connection } = JSON.parse((await sesame('project', 'show', 'acme')).printed)
  customer = connection.account
  const dynamodb = new DynamoDBClient(stack.aws.clientConfig(stack.aws.credentials.root(stack.aws.account)))
  const now = stack.clock.now()
  const hours = new Map([[now.getUTCHours(), { ...noVolume, sent: 2_000, bounces: 50, complaints: 1 }]])
  const counts = createLiveCounts(dynamodb, 'sesame-dev-counts', stack.clock.now)
  await counts.add('acme', dayOf(now), { counts: new Map(), hours })
})

describe('sesame rates', () => {
  test('sesame rates shows each window with both numbers, what they lead to, and what SES says about the account', async () => {
    stack.aws.ses.account(customer).enforcement = 'PROBATION'
    const { printed } = await sesame('rates', 'acme')
    expect(printed).toMatch(/^24 hours +\S.* hard bounces +2\.5 % +50 +2000 +warning$/m)
    expect(printed).toMatch(/^30 days +\S.* complaints +0\.05 % +1 +2000 +warning$/m)
    expect(printed).toContain('acme is not held.')
    expect(printed).toContain(
      `Account ${customer} is PROBATION: SES reviews it, and pauses it if the rates do not fall.`,
    )
    expect(printed).toContain('So its rates differ from these.')
    stack.aws.ses.account(customer).enforcement = 'HEALTHY'
  })

  test('sesame rates asks SES one question', async () => {
    const before = stack.aws.record.length
    const found = JSON.parse((await sesame('rates', 'acme', '--json')).printed)
    expect(found).toMatchObject({
      standing: 'warning',
      account: { account: customer, enforcement: 'HEALTHY', maySend: true },
    })
    const calls = stack.aws.record.slice(before).map(({ action }) => action)
    expect(calls.filter((action) => action.startsWith('ses:'))).toEqual(['ses:GetAccount'])
  })

  test('sesame rates of a project in our own account shows its windows, and says why SES is not asked', async () => {
    const { printed } = await sesame('rates', 'own')
    expect(printed).toMatch(/^7 days +\S.* complaints +none +0 +0 +unknown$/m)
    expect(printed).toContain('SES is not asked: the project has no proven connection.')
  })

  test('sesame rates shows SES’s own rates of an account that lets Sesame read its metrics', async () => {
    const umbrella = await stack.connect('umbrella', { features: ['reputation'] })
    stack.makeRole(umbrella.roleInput)
    await sesame('attach', 'umbrella', umbrella.roleArn)
    const account = stack.aws.ses.account(customer)
    expect(JSON.parse((await sesame('rates', 'umbrella', '--json')).printed).account.reputation).toEqual({})
    account.reputation = { bounceRate: 0.0312, complaintRate: 0.0004 }
    expect((await sesame('rates', 'umbrella')).printed).toContain("SES's own rates: bounces 3.12 %, complaints 0.04 %.")
    // The session may ask for metrics, and the role of the customer does not let it.
    stack.makeRole({ ...umbrella.roleInput, features: ['reading'] })
    stack.clock.advance(3_600_000)
    await expect(sesame('rates', 'umbrella')).rejects.toThrow(
      'Deploy the template of the role again, with Reputation on',
    )
  })

  test('a hold and its reason are shown', async () => {
    await sesame('hold', 'acme', '--why', 'an old list')
    expect((await sesame('rates', 'acme')).printed).toContain('acme is held: an old list.')
  })
})
