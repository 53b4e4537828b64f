import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { DeleteTopicCommand, SetTopicAttributesCommand } from '@aws-sdk/client-sns'
import { describe, expect, test } from 'vitest'
import { sourceArnOf } from '../../src/configuration/delivery-path.ts'
import type { UsableConnection } from '../../src/projects/connection.ts'
import { ACME, type Deployed, deployed, topic } from './configured-account.ts'

const destinationOf = (it: Deployed, to: UsableConnection) => {
  const found = it.set(to)?.destinations.get('sesame-bounces')
  if (!found) throw new Error('The event destination does not exist')
  return found
}
const setPolicy = (it: Deployed, arn: string, change: (policy: { Statement: unknown[] }) => object) =>
  it.sns.send(
    new SetTopicAttributesCommand({
      TopicArn: arn,
      AttributeName: 'Policy',
      AttributeValue: JSON.stringify(change(it.policy(arn))),
    }),
  )

type Breakage = [kind: string, text: string, (it: Deployed, to: UsableConnection) => unknown]

const breakages: Breakage[] = [
  [
    'destination missing',
    'The event destination sesame-bounces does not exist',
    (it, to) => it.set(to)?.destinations.delete('sesame-bounces'),
  ],
  [
    'destination disabled',
    'The event destination sesame-bounces is disabled',
    (it, to) => Object.assign(destinationOf(it, to), { enabled: false }),
  ],
  [
    'other topic',
    `has the topic ${topic('complaints', 2)}, not ${topic('bounces')}`,
    (it, to) => Object.assign(destinationOf(it, to), { topicArn: topic('complaints', 2) }),
  ],
  [
    'other event types',
    'publishes BOUNCE and DELIVERY, not BOUNCE',
    (it, to) => Object.assign(destinationOf(it, to), { matching: ['BOUNCE', 'DELIVERY'] }),
  ],
  [
    'topic removed',
    'SES has removed the topic of the event destination sesame-bounces',
    (it, to) => Object.assign(destinationOf(it, to), { topicArn: undefined }),
  ],
  [
    'suppression options changed',
    'The suppression options of sesame-acme are none, not BOUNCE and COMPLAINT',
    (it, to) => Object.assign(it.set(to) ?? {}, { suppressedReasons: [] }),
  ],
  [
    'suppression options changed',
    'are those of the account, not BOUNCE and COMPLAINT',
    (it, to) => Object.assign(it.set(to) ?? {}, { suppressedReasons: undefined }),
  ],
  [
    'policy changed',
    `The policy of our topic ${topic('bounces')} is not the one that we set`,
    (it) => setPolicy(it, topic('bounces'), (policy) => ({ ...policy, Statement: policy.Statement.slice(-1) })),
  ],
  [
    'policy changed',
    `The policy of our topic ${topic('complaints')} is not the one that we set`,
    (it) => setPolicy(it, topic('complaints'), (policy) => ({ ...policy, Statement: policy.Statement.slice(0, 1) })),
  ],
]

describe('drift', () => {
  test.each(breakages)('drift of kind "%s" is found and repaired: %s', async (kind, text, breakIt) => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    await breakIt(it, acme)

    const drift = await it.configuration().driftOf(acme)
    expect(drift).toEqual([{ kind, text: expect.stringContaining(text), repairable: true }])
    expect(await it.configuration().inspect(acme)).toEqual([expect.stringContaining(text)])

    const { done, remaining } = await it.configuration().repair(acme)
    expect(done).toHaveLength(1)
    expect(remaining).toEqual([])
    await it.send(acme, 'bounce@simulator.amazonses.com')
    await it.send(acme, 'complaint@simulator.amazonses.com')
    expect(await it.listed('acme')).toHaveLength(2)
    expect((await it.configuration().repair(acme)).done).toEqual([])
  })

  test('one repair restores a deleted configuration set and its event destinations', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    it.aws.ses.account(ACME).configurationSets.delete('sesame-acme')
    expect((await it.configuration().driftOf(acme)).map(({ kind }) => kind)).toEqual([
      'configuration set missing',
      'destination missing',
      'destination missing',
    ])
    expect((await it.configuration().repair(acme)).remaining).toEqual([])
  })

  test('drift of a project before its first configuration begins with the source that is not allowed', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    const [first] = await it.configuration().driftOf(acme)
    expect(first).toEqual({
      kind: 'not allowed',
      text: `The policies of our topics do not allow ${sourceArnOf(acme)}`,
      repairable: true,
    })
  })

  test('drift that only a deployment repairs is reported as not repairable', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    await it.sns.send(new DeleteTopicCommand({ TopicArn: topic('bounces') }))
    expect(await it.configuration().driftOf(acme)).toEqual([
      {
        kind: 'our topic missing',
        text: `Our topic ${topic('bounces')} does not exist. Run serverless deploy to create it`,
        repairable: false,
      },
    ])
  })
})

test('the suppression options are those of the project', async () => {
  const it = await deployed()
  const acme = await it.connected('acme', ACME)
  await it.configuration().configure(acme)
  expect((await it.configuration().repair(acme, { reasons: ['COMPLAINT'] })).done).toEqual([
    'set the suppression options of sesame-acme to COMPLAINT',
  ])
  expect(it.set(acme)?.suppressedReasons).toEqual(['COMPLAINT'])
  await it.configuration().repair(acme, { reasons: [] })
  expect(it.set(acme)?.suppressedReasons).toEqual([])
})

describe('the default configuration set of identities', () => {
  async function withIdentities() {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    const ses = new SESv2Client(it.aws.clientConfig(it.aws.credentials.root(ACME)))
    const { configurationSets } = it.aws.ses.account(ACME)
    const ours = configurationSets.get('sesame-acme')
    if (ours) configurationSets.set('marketing', { ...ours, name: 'marketing' })
    await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: 'acme.example' }))
    await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: 'shop.example', ConfigurationSetName: 'marketing' }))
    return { it, acme, identities: it.aws.ses.account(ACME).identities }
  }

  test('the default configuration set becomes ours on request and never replaces another', async () => {
    const { it, acme, identities } = await withIdentities()
    const requested = ['acme.example', 'shop.example', 'unknown.example']
    expect(await it.configuration().makeDefault(acme, requested)).toEqual([
      { identity: 'acme.example', outcome: 'made the default' },
      { identity: 'shop.example', outcome: 'has another default', set: 'marketing' },
      { identity: 'unknown.example', outcome: 'no such identity' },
    ])
    expect(identities.get('acme.example')?.defaultConfigurationSet).toBe('sesame-acme')
    expect(identities.get('shop.example')?.defaultConfigurationSet).toBe('marketing')
    expect(await it.configuration().makeDefault(acme, ['acme.example'])).toEqual([
      { identity: 'acme.example', outcome: 'is the default' },
    ])
  })

  test('the default configuration set is removed before the set is deleted, if it is still ours', async () => {
    const { it, acme, identities } = await withIdentities()
    await it.configuration().makeDefault(acme, ['acme.example'])
    expect(await it.configuration().undo(acme)).toEqual([])
    expect(identities.get('acme.example')?.defaultConfigurationSet).toBeUndefined()
    expect(identities.get('shop.example')?.defaultConfigurationSet).toBe('marketing')
    expect(it.set(acme)).toBeUndefined()
  })
})
