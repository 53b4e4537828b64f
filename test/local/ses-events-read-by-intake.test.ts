import { expect, test } from 'vitest'
import type { Behaviour } from '../../local/ses/mailboxes.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { bodies, CUSTOMER, makeQueue, OWN, policy, smallAws, topicArn } from './small-aws.ts'

const behaviours: readonly Behaviour[] = [
  'delivery',
  'hard bounce',
  'mailbox full',
  'complaint',
  'not spam',
  'out of office',
  'delayed',
  'globally suppressed',
]
const topic = topicArn('feedback')
const customer = { account: CUSTOMER }

test.each(behaviours)(
  'intake reads every event of a mailbox with the behaviour "%s", in both dialects',
  async (behaviour) => {
    const aws = smallAws()
    const allowSes = policy({
      Effect: 'Allow',
      Principal: { Service: 'ses.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topic,
    })
    const topicInput = { Name: 'feedback', Attributes: { Policy: JSON.stringify(allowSes) } }
    await aws.call({ account: OWN }, 'sns', 'CreateTopic', topicInput)
    const Endpoint = await makeQueue(aws, 'seen', [topic])
    await aws.call({ account: OWN }, 'sns', 'Subscribe', { TopicArn: topic, Protocol: 'sqs', Endpoint })
    await aws.call(customer, 'ses', 'CreateEmailIdentity', { EmailIdentity: 'shop.example' })
    await aws.call(customer, 'ses', 'CreateConfigurationSet', { ConfigurationSetName: 'sesame' })
    await aws.call(customer, 'ses', 'CreateConfigurationSetEventDestination', {
      ConfigurationSetName: 'sesame',
      EventDestinationName: 'events',
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: ['SEND', 'DELIVERY', 'BOUNCE', 'COMPLAINT', 'DELIVERY_DELAY'],
        SnsDestination: { TopicArn: topic },
      },
    })
    for (const type of ['Bounce', 'Complaint', 'Delivery'] as const) {
      await aws.ses.setFeedbackTopic(CUSTOMER, 'shop.example', type, topic)
    }
    aws.ses.mailboxes.set('jane@mail.example', behaviour)
    // Twice: the account list may stop the second mail.
    for (let turn = 0; turn < 2; turn++) {
      await aws.call(customer, 'ses', 'SendEmail', {
        FromEmailAddress: 'news@shop.example',
        Destination: { ToAddresses: ['jane@mail.example'] },
        Content: { Simple: { Subject: { Data: 'Hello' }, Body: {} } },
        ConfigurationSetName: 'sesame',
      })
      await aws.settled()
    }
    const read = bodies(aws, 'seen').map(readEvent)
    expect(read.slice(0, 4).map((event) => event.type)).toEqual(['NonEvent', 'NonEvent', 'NonEvent', 'NonEvent'])
    const events = read.slice(4)
    expect(events.length).toBeGreaterThan(2)
    for (const event of events) {
      if (event.type === 'NonEvent') throw new Error(`Not an event: ${event.reason}`)
      expect(event.mail).toMatchObject({ sendingAccountId: CUSTOMER, destination: ['jane@mail.example'] })
      expect(event.mail.configurationSet).toBe(event.dialect === 'event publishing' ? 'sesame' : undefined)
    }
  },
)
