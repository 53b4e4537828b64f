import { describe, expect, test } from 'vitest'
import { feedbackTopicArn } from '../../src/configuration/customer-topic.ts'
import { ACME, deployed, GLOBEX, QUEUE, topic } from './configured-account.ts'

describe('undoing a configuration', () => {
  test('undo removes everything from the account and from our policies, and nothing of other projects', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    const globex = await it.connected('globex', GLOBEX)
    for (const to of [acme, globex]) await it.configuration().configure(to)
    it.aws.ses.account(ACME).configurationSets.set('marketing', { ...need(it.set(acme)), name: 'marketing' })

    expect(await it.configuration().undo(acme)).toEqual([])
    expect([...it.aws.ses.account(ACME).configurationSets.keys()]).toEqual(['marketing'])
    for (const kind of ['bounces', 'complaints'] as const) {
      const policy = JSON.stringify(it.policy(topic(kind)))
      expect(policy).not.toContain(ACME)
      expect(policy).toContain(GLOBEX)
    }
    expect(await it.configuration().driftOf(globex)).toEqual([])
    expect(await it.configuration().undo(acme)).toEqual([])
  })

  test('undo deletes the topic in the account and its subscription', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME, { topics: 'customer' })
    await it.configuration().configure(acme)
    expect(await it.configuration().undo(acme)).toEqual([])
    expect(it.aws.sns.topics.has(feedbackTopicArn(acme))).toBe(false)
    expect(it.aws.sqs.queues.get(QUEUE)?.attributes.Policy).not.toContain(ACME)
    expect(JSON.stringify(await it.aws.dynamodb.items(it.table))).not.toContain('feedback')
  })

  test('undo that failed halfway is completed by a repeated call', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    const { operations } = it.aws.ses
    const real = operations.DeleteConfigurationSet
    Object.assign(operations, {
      DeleteConfigurationSet: () => {
        throw Object.assign(new Error('later'), { code: 'InternalServerError', status: 500 })
      },
    })
    await expect(it.configuration().undo(acme)).rejects.toThrow()
    expect(it.set(acme)?.destinations.size).toBe(0)
    expect(JSON.stringify(it.policy(topic('bounces')))).toContain(ACME)
    Object.assign(operations, { DeleteConfigurationSet: real })
    expect(await it.configuration().undo(acme)).toEqual([])
    expect(it.set(acme)).toBeUndefined()
    expect(JSON.stringify(it.policy(topic('bounces')))).not.toContain(ACME)
  })

  test('undo without a role reports what remains in the account and still removes the project from our policies', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    it.aws.roles.delete(acme.roleArn)
    const remaining = await it.configuration().undo(acme)
    expect(remaining).toContainEqual(expect.stringMatching(/^the configuration set: Project acme: AssumeRole on/))
    expect(JSON.stringify(remaining)).not.toContain(acme.externalId)
    expect(JSON.stringify(it.policy(topic('bounces')))).not.toContain(ACME)
  })
})

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('There is no such value')
  return value
}
