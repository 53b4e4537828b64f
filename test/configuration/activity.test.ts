import { SESv2Client, UpdateConfigurationSetEventDestinationCommand } from '@aws-sdk/client-sesv2'
import { describe, expect, test } from 'vitest'
import { createProjectChanges } from '../../src/projects/change-project.ts'
import { ACME, deployed, GLOBEX, topic } from './configured-account.ts'

const feedback = ['BOUNCE', 'COMPLAINT', 'REJECT', 'RENDERING_FAILURE', 'SEND']

type Deployed = Awaited<ReturnType<typeof deployed>>
const destinationOf = (it: Deployed, to: Parameters<Deployed['set']>[0]) => {
  const found = it.set(to)?.destinations.get('sesame-activity')
  return found && { types: [...found.matching].sort(), topicArn: found.topicArn }
}
const stored = async ({ aws }: Deployed) =>
  (await aws.dynamodb.items('sesame-dev-activity')).map(
    ({ bucket, type }) => `${String(bucket?.S).split('#')[0]} ${type?.S}`,
  )

describe('the activity of a connected project', () => {
  test('configure lets SES publish the events that the project wants, which then are recorded for this project', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    const { done, remaining } = await it.configuration().configure(acme, { activity: 'delivery' })
    expect(remaining).toEqual([])
    expect(done.at(-1)).toMatch(
      /^created the event destination sesame-activity: BOUNCE and .* to .*connected-activity-1$/,
    )
    await it.send(acme, 'success@simulator.amazonses.com')
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect((await stored(it)).sort()).toEqual(['acme Bounce', 'acme Delivery', 'acme Send', 'acme Send'])
    expect(await it.listed('acme')).toEqual(['bounce@simulator.amazonses.com'])
  })

  test.each([
    ['feedback', feedback],
    ['delivery', [...feedback, 'DELIVERY', 'DELIVERY_DELAY']],
    ['engagement', [...feedback, 'DELIVERY', 'DELIVERY_DELAY', 'CLICK', 'OPEN', 'SUBSCRIPTION']],
  ] as const)('the setting %s publishes its types of events and no others', async (activity, types) => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme, { activity })
    expect(destinationOf(it, acme)).toEqual({ types: [...types].sort(), topicArn: topic('activity') })
    expect(await it.configuration().driftOf(acme, { activity })).toEqual([])
  })

  test('a project without the setting has no destination, and off removes the one that it had', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    expect(destinationOf(it, acme)).toBeUndefined()
    await it.configuration().configure(acme, { activity: 'feedback' })
    expect(destinationOf(it, acme)).toBeDefined()
    expect(await it.configuration().driftOf(acme, { activity: 'off' })).toMatchObject([
      { kind: 'destination not wanted', repairable: true },
    ])
    const { done, remaining } = await it.configuration().configure(acme, { activity: 'off' })
    expect({ done, remaining }).toEqual({ done: ['deleted the event destination sesame-activity'], remaining: [] })
    expect(destinationOf(it, acme)).toBeUndefined()
  })

  test('other types of events are drift, and configure restores the wanted ones', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme, { activity: 'feedback' })
    const customer = new SESv2Client({ ...it.aws.clientConfig(it.aws.credentials.root(ACME)), region: acme.region })
    await customer.send(
      new UpdateConfigurationSetEventDestinationCommand({
        ConfigurationSetName: 'sesame-acme',
        EventDestinationName: 'sesame-activity',
        EventDestination: {
          Enabled: true,
          MatchingEventTypes: ['SEND'],
          SnsDestination: { TopicArn: topic('activity') },
        },
      }),
    )
    const wanted = { activity: 'feedback' } as const
    expect(await it.configuration().driftOf(acme, wanted)).toMatchObject([{ kind: 'other event types' }])
    await it.configuration().configure(acme, wanted)
    expect(destinationOf(it, acme)?.types).toEqual(feedback)
  })

  test('a topic in the customer’s account delivers no activity, and the drift says what to do', async () => {
    const it = await deployed()
    const globex = await it.connected('globex', GLOBEX, { topics: 'customer' })
    const { remaining } = await it.configuration().configure(globex, { activity: 'feedback' })
    expect(remaining).toMatchObject([
      { kind: 'activity not delivered', repairable: false, text: expect.stringContaining('--topics ours') },
    ])
    expect(destinationOf(it, globex)).toBeUndefined()
  })

  test('the activity topic is refused to an account that is not connected', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme, { activity: 'feedback' })
    const publishAs = (account: string, set: string) =>
      it.aws.callAsService(
        'ses.amazonaws.com',
        { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/${set}` },
        'sns',
        'Publish',
        { TopicArn: topic('activity'), Message: '{}' },
      )
    await expect(publishAs(GLOBEX, 'sesame-globex')).rejects.toThrow()
    await expect(publishAs(ACME, 'another-set')).rejects.toThrow()
    await publishAs(ACME, 'sesame-acme')
  })

  test('disconnecting removes the destination of activity', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme, { activity: 'feedback' })
    expect(await it.configuration().undo(acme)).toEqual([])
    expect(it.set(acme)).toBeUndefined()
    expect(it.policy(topic('activity')).Statement).toHaveLength(1)
  })

  test('the setting is stored with the project, survives other changes, and must be one of the four', async () => {
    const it = await deployed()
    await it.connected('acme', ACME)
    const changes = createProjectChanges(it.root, it.table)
    const context = { by: 'ann', at: it.clock.now() }
    expect(await changes.set('acme', { activity: 'delivery' }, context)).toMatchObject({ activity: 'delivery' })
    expect(await changes.set('acme', { suppressedReasons: ['BOUNCE'] }, context)).toMatchObject({
      activity: 'delivery',
    })
    // @ts-expect-error: as an operation could pass it
    await expect(changes.set('acme', { activity: 'everything' }, context)).rejects.toThrow(
      /^activity must be .*engagement/,
    )
  })
})
