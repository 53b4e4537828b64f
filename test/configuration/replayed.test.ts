import { expect, test } from 'vitest'
import { registerCommands } from '../../src/cli/commands.ts'
import { registerReplay } from '../../src/cli/replay.ts'
import { feedbackTopicArn } from '../../src/configuration/customer-topic.ts'
import { createFeedbackSources } from '../../src/configuration/feedback-sources.ts'
import { run } from '../cli/operator.ts'
import { ACME, deployed, topic } from './configured-account.ts'

test('sesame replay records events of a customer topic that could not be attributed before', async () => {
  const it = await deployed()
  const acme = await it.connected('acme', ACME, { topics: 'customer' })
  await it.configuration().configure(acme)
  const sources = createFeedbackSources(it.root, it.table)
  const source = await sources.find(feedbackTopicArn(acme))
  await sources.remove(feedbackTopicArn(acme), 'acme')
  await it.send(acme, 'bounce@simulator.amazonses.com')
  expect(await it.listed('acme')).toEqual([])

  expect((await run(it.aws, registerReplay, 'replay', '--yes')).printed).toContain(
    'no connected account has this topic',
  )
  if (source) await sources.put(feedbackTopicArn(acme), source)
  expect(await run(it.aws, registerReplay, 'replay', '--yes')).toMatchObject({
    ok: true,
    printed: expect.stringMatching(/applied +1/),
  })
  expect(await it.listed('acme')).toEqual(['bounce@simulator.amazonses.com'])
})

test('sesame replay records events that a subscription delivered before it was made anew', async () => {
  const it = await deployed()
  const acme = await it.connected('acme', ACME, { topics: 'customer' })
  await it.configuration().configure(acme)
  const sources = createFeedbackSources(it.root, it.table)
  const source = await sources.find(feedbackTopicArn(acme))
  await sources.remove(feedbackTopicArn(acme), 'acme')
  await it.send(acme, 'bounce@simulator.amazonses.com')
  if (!source) throw new Error('There is no source')
  await sources.put(feedbackTopicArn(acme), source)
  it.aws.sns.topics.get(feedbackTopicArn(acme))?.subscriptions.splice(0)
  await it.configuration().configure(acme)
  const renewed = await sources.find(feedbackTopicArn(acme))
  expect(renewed?.subscription).not.toBe(source.subscription)
  expect(renewed?.former).toEqual([source.subscription])
  await it.configuration().configure(acme)
  expect(await sources.find(feedbackTopicArn(acme))).toEqual(renewed)

  expect(await run(it.aws, registerReplay, 'replay', '--yes')).toMatchObject({
    ok: true,
    printed: expect.stringMatching(/applied +1/),
  })
  expect(await it.listed('acme')).toEqual(['bounce@simulator.amazonses.com'])
})

test('sesame replay records events of our topics that SNS could not deliver to a function', async () => {
  const it = await deployed()
  const acme = await it.connected('acme', ACME)
  await it.configuration().configure(acme)
  it.aws.lambda.functions.get('sesame-dev-record-bounce')?.permissions.splice(0, Number.POSITIVE_INFINITY)
  await it.send(acme, 'bounce@simulator.amazonses.com')
  expect(it.aws.sns.dropped).toEqual([])
  expect(await it.listed('acme')).toEqual([])
  expect((await run(it.aws, registerReplay, 'replay', '--yes')).ok).toBe(true)
  expect(await it.listed('acme')).toEqual(['bounce@simulator.amazonses.com'])
})

test('sesame configure and disconnect print what they did and what remains', async () => {
  const it = await deployed()
  const acme = await it.connected('acme', ACME)
  const sesame = (...args: string[]) => run(it.aws, registerCommands, ...args)
  const first = await sesame('configure', 'acme')
  expect(first.ok).toBe(true)
  expect(first.printed.split('\n')).toEqual([
    'allowed SES to publish events of acme to sesame-dev-connected-bounces-1 and sesame-dev-connected-complaints-1',
    'created the configuration set sesame-acme',
    `created the event destination sesame-bounces: BOUNCE to ${topic('bounces')}`,
    `created the event destination sesame-complaints: COMPLAINT to ${topic('complaints')}`,
  ])
  expect((await sesame('configure', 'acme')).printed).toBe('acme is configured with our topics: nothing to do.')
  it.aws.roles.delete(acme.roleArn)
  const { printed } = await sesame('disconnect', 'acme', '--yes')
  expect(printed).toContain('acme disconnected.')
  expect(printed).toContain(
    "not removed from the customer's account: the configuration set: Project acme: AssumeRole on",
  )
  expect(printed).not.toContain(acme.externalId)
})
