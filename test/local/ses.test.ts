import { describe, expect, test } from 'vitest'
import type { Behaviour } from '../../local/ses/mailboxes.ts'
import {
  bodies,
  CUSTOMER,
  makeQueue,
  OWN,
  policy,
  REGION,
  type SmallAws,
  STRANGER,
  smallAws,
  topicArn,
} from './small-aws.ts'

const customer = { account: CUSTOMER }
const topic = topicArn('feedback')
const ALL = ['SEND', 'DELIVERY', 'BOUNCE', 'COMPLAINT', 'DELIVERY_DELAY', 'REJECT', 'RENDERING_FAILURE']

/** A topic of ours that allows SES of the accounts to publish, and a queue that shows the received messages. */
async function connected(...forAccounts: string[]) {
  const aws = smallAws()
  const accounts = forAccounts.length > 0 ? forAccounts : [CUSTOMER]
  const Policy = JSON.stringify(
    policy({
      Sid: 'AllowSesToPublish',
      Effect: 'Allow',
      Principal: { Service: 'ses.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topic,
      Condition: { StringEquals: { 'aws:SourceAccount': accounts } },
    }),
  )
  await aws.call({ account: OWN }, 'sns', 'CreateTopic', { Name: 'feedback', Attributes: { Policy } })
  const Endpoint = await makeQueue(aws, 'seen', [topic])
  const Attributes = { RawMessageDelivery: 'true' }
  await aws.call({ account: OWN }, 'sns', 'Subscribe', { TopicArn: topic, Protocol: 'sqs', Endpoint, Attributes })
  await aws.call(customer, 'ses', 'CreateEmailIdentity', { EmailIdentity: 'shop.example' })
  await aws.call(customer, 'ses', 'CreateConfigurationSet', { ConfigurationSetName: 'sesame' })
  return aws
}

const destination = (aws: SmallAws, types = ALL, name = 'events') =>
  aws.call(customer, 'ses', 'CreateConfigurationSetEventDestination', {
    ConfigurationSetName: 'sesame',
    EventDestinationName: name,
    EventDestination: { Enabled: true, MatchingEventTypes: types, SnsDestination: { TopicArn: topic } },
  })

/** Sets a topic policy that denies every publisher. */
async function denyPublishing(aws: SmallAws) {
  const deny = policy({ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topic })
  const attribute = { AttributeName: 'Policy', AttributeValue: JSON.stringify(deny) }
  await aws.call({ account: OWN }, 'sns', 'SetTopicAttributes', { TopicArn: topic, ...attribute })
}

const simple = { Simple: { Subject: { Data: 'Hello' }, Body: { Text: { Data: 'Hi there' } } } }

async function send(aws: SmallAws, to: string[] | string, more = {}) {
  const answer = await aws.call(customer, 'ses', 'SendEmail', {
    FromEmailAddress: '"The Shop" <news@shop.example>',
    Destination: { ToAddresses: [to].flat() },
    Content: simple,
    ConfigurationSetName: 'sesame',
    ...more,
  })
  await aws.settled()
  return answer.MessageId
}

type Event = Record<string, Record<string, unknown>> & { eventType?: string }
/** The events that arrived through the topic, without SES's validation text. */
function events(aws: SmallAws): Event[] {
  return bodies(aws, 'seen').filter((body): body is Event => typeof body === 'object')
}
const types = (aws: SmallAws) => events(aws).map(({ eventType }) => eventType)

describe('mail to the mailbox simulator', () => {
  test.each<[string, string[], object]>([
    ['success', ['Send', 'Delivery'], {}],
    ['bounce', ['Send', 'Bounce'], { bounceType: 'Permanent', bounceSubType: 'General' }],
    ['complaint', ['Send', 'Delivery', 'Complaint'], { complaintFeedbackType: 'abuse', complaintSubType: null }],
    ['ooto', ['Send', 'Delivery', 'Bounce'], { bounceType: 'Transient', bounceSubType: 'General' }],
    ['suppressionlist', ['Send', 'Bounce'], { bounceType: 'Permanent', bounceSubType: 'Suppressed' }],
  ])('mail to %s@ of the simulator is followed by %j', async (local, expected, details) => {
    const aws = await connected()
    await destination(aws)
    await send(aws, `${local}+label@simulator.amazonses.com`)
    expect(types(aws)).toEqual(expected)
    const last = events(aws).at(-1) ?? {}
    expect(last[String(last.eventType).toLowerCase()]).toMatchObject(details)
    expect(aws.ses.account(CUSTOMER).accountList.size).toBe(0)
  })

  test('mail to the simulator causes a bounce in the shape of SES', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE'])
    const EmailTags = [{ Name: 'campaign', Value: 'spring' }]
    const messageId = await send(aws, 'bounce@simulator.amazonses.com', { EmailTags })
    expect(events(aws)).toEqual([
      {
        eventType: 'Bounce',
        bounce: {
          bounceType: 'Permanent',
          bounceSubType: 'General',
          bouncedRecipients: [
            {
              emailAddress: 'bounce@simulator.amazonses.com',
              action: 'failed',
              status: '5.1.1',
              diagnosticCode: 'smtp; 550 5.1.1 user unknown',
            },
          ],
          timestamp: '2026-03-04T05:06:07.000Z',
          feedbackId: expect.stringMatching(/^0100[\da-f]{12}-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}-000000$/),
          reportingMTA: expect.stringMatching(/^dns; /),
        },
        mail: {
          timestamp: '2026-03-04T05:06:07.000Z',
          source: '"The Shop" <news@shop.example>',
          sourceArn: `arn:aws:ses:${REGION}:${CUSTOMER}:identity/shop.example`,
          sendingAccountId: CUSTOMER,
          messageId,
          destination: ['bounce@simulator.amazonses.com'],
          headersTruncated: false,
          headers: expect.arrayContaining([
            { name: 'From', value: '"The Shop" <news@shop.example>' },
            { name: 'To', value: 'bounce@simulator.amazonses.com' },
            { name: 'Subject', value: 'Hello' },
          ]),
          commonHeaders: {
            from: ['"The Shop" <news@shop.example>'],
            to: ['bounce@simulator.amazonses.com'],
            messageId,
            subject: 'Hello',
          },
          tags: {
            'ses:configuration-set': ['sesame'],
            'ses:source-ip': [expect.any(String)],
            'ses:from-domain': ['shop.example'],
            'ses:caller-identity': ['root'],
            campaign: ['spring'],
          },
        },
      },
    ])
    expect(messageId).toMatch(/^0100[\da-f]{12}-[\da-f-]{36}-000000$/)
  })
})

describe('a mailbox', () => {
  test.each<[Behaviour, string[]]>([
    ['delivery', ['Send', 'Delivery']],
    ['hard bounce', ['Send', 'Bounce']],
    ['mailbox full', ['Send', 'Bounce']],
    ['complaint', ['Send', 'Delivery', 'Complaint']],
    ['not spam', ['Send', 'Delivery', 'Complaint']],
    ['out of office', ['Send', 'Delivery', 'Bounce']],
    ['delayed', ['Send', 'DeliveryDelay', 'Delivery']],
  ])('a mailbox can have the behaviour "%s"', async (behaviour, expected) => {
    const aws = await connected()
    await destination(aws)
    aws.ses.mailboxes.set('jane@mail.example', behaviour)
    await send(aws, 'Jane <Jane@mail.example>')
    expect(types(aws)).toEqual(expected)
    expect(events(aws)[0]?.mail?.destination).toEqual(['Jane@mail.example'])
  })

  test('a mailbox has the behaviour of its domain unless it has its own', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE', 'DELIVERY'])
    aws.ses.mailboxes.set('gone.example', 'hard bounce')
    aws.ses.mailboxes.set('here@gone.example', 'delivery')
    await send(aws, ['away@gone.example', 'here@gone.example'])
    expect(types(aws)).toEqual(['Bounce', 'Delivery'])
  })

  test('each recipient in To, Cc and Bcc bounces in an event of its own', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE'])
    const Destination = {
      ToAddresses: ['a@mail.example'],
      CcAddresses: ['bounce+1@simulator.amazonses.com'],
      BccAddresses: ['bounce+2@simulator.amazonses.com'],
    }
    await send(aws, [], { Destination })
    const named = events(aws).map(({ bounce }) => bounce?.bouncedRecipients)
    expect(named).toMatchObject([
      [{ emailAddress: 'bounce+1@simulator.amazonses.com' }],
      [{ emailAddress: 'bounce+2@simulator.amazonses.com' }],
    ])
    const [first, second] = events(aws)
    expect(first?.mail?.destination).toHaveLength(3)
    expect(first?.bounce?.feedbackId).not.toBe(second?.bounce?.feedbackId)
  })
})

describe('content', () => {
  test('content can be a raw message with its own headers and recipients', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE'])
    const text = [
      'From: The Shop <news@shop.example>',
      'To: "Doe, Jane" <jane@mail.example>,',
      '\tbounce@simulator.amazonses.com',
      'Message-ID: <own@shop.example>',
      'Subject: =?UTF-8?B?SGVsbG8=?=',
      '',
      'Hi',
    ].join('\r\n')
    await send(aws, [], {
      FromEmailAddress: undefined,
      Destination: undefined,
      Content: { Raw: { Data: Buffer.from(text) } },
    })
    expect(events(aws)).toMatchObject([
      {
        bounce: { bouncedRecipients: [{ emailAddress: 'bounce@simulator.amazonses.com' }] },
        mail: {
          source: 'The Shop <news@shop.example>',
          destination: ['jane@mail.example', 'bounce@simulator.amazonses.com'],
          commonHeaders: { messageId: '<own@shop.example>' },
        },
      },
    ])
  })

  test('content can be a template; a missing value is a rendering failure, and nothing is sent', async () => {
    const aws = await connected()
    await destination(aws)
    const TemplateContent = { Subject: 'Hello {{name}}', Text: 'Hi {{ name }}' }
    await aws.call(customer, 'ses', 'CreateEmailTemplate', { TemplateName: 'greeting', TemplateContent })
    const withData = (data: object) => ({
      Content: { Template: { TemplateName: 'greeting', TemplateData: JSON.stringify(data) } },
    })
    await send(aws, 'a@mail.example', withData({ name: 'Ann' }))
    await send(aws, 'b@mail.example', withData({}))
    expect(types(aws)).toEqual(['Send', 'Delivery', 'Rendering Failure'])
    expect(events(aws).at(-1)?.failure).toEqual({
      errorMessage: "Attribute 'name' is not present in the rendering data.",
      templateName: 'greeting',
    })
    expect(aws.ses.account(CUSTOMER).outgoingMails).toMatchObject([
      { recipient: 'a@mail.example', subject: 'Hello Ann' },
    ])
  })

  test('content with a virus is rejected after SES accepted the mail', async () => {
    const aws = await connected()
    await destination(aws)
    const Body = { Text: { Data: 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE' } }
    await send(aws, 'a@mail.example', { Content: { Simple: { Subject: { Data: 'x' }, Body } } })
    expect(events(aws)).toMatchObject([{ eventType: 'Reject', reject: { reason: 'Bad content' } }])
  })
})

describe('sending', () => {
  test('sending is refused from an identity that is not verified in the account, even if it is in another account', async () => {
    const aws = await connected()
    const from = (account: string, FromEmailAddress: string) =>
      aws.call({ account }, 'ses', 'SendEmail', {
        FromEmailAddress,
        Destination: { ToAddresses: ['a@mail.example'] },
        Content: simple,
      })
    await expect(from(CUSTOMER, 'news@other.example')).rejects.toMatchObject({
      code: 'MessageRejected',
      message:
        'Email address is not verified. The following identities failed the check in region US-EAST-1: news@other.example',
    })
    await expect(from(STRANGER, 'news@shop.example')).rejects.toMatchObject({ code: 'MessageRejected' })
    await expect(from(CUSTOMER, 'news@sub.shop.example')).resolves.toHaveProperty('MessageId')
  })

  test('sending from the sandbox reaches only verified addresses and the simulator', async () => {
    const aws = await connected()
    aws.ses.account(CUSTOMER).productionAccess = false
    await expect(send(aws, 'a@mail.example')).rejects.toMatchObject({ code: 'MessageRejected' })
    await send(aws, 'success@simulator.amazonses.com')
    await aws.call(customer, 'ses', 'CreateEmailIdentity', { EmailIdentity: 'a@mail.example' })
    await send(aws, 'a@mail.example')
    expect(await aws.call(customer, 'ses', 'GetAccount', {})).toMatchObject({
      ProductionAccessEnabled: false,
      SendQuota: { Max24HourSend: 200, SentLast24Hours: 2 },
    })
  })

  test('sending is refused without recipients, to more than 50, or with an unknown configuration set', async () => {
    const aws = await connected()
    await expect(send(aws, [])).rejects.toMatchObject({ code: 'BadRequestException' })
    const recipients = Array.from({ length: 51 }, (_, index) => `a${index}@mail.example`)
    await expect(send(aws, recipients)).rejects.toMatchObject({ code: 'BadRequestException' })
    await expect(send(aws, 'a@mail.example', { ConfigurationSetName: 'none' })).rejects.toMatchObject({
      code: 'NotFoundException',
    })
  })

  test('sending without a configuration set publishes no events, unless the identity has a default one', async () => {
    const aws = await connected()
    await destination(aws)
    await send(aws, 'a@mail.example', { ConfigurationSetName: undefined })
    expect(events(aws)).toEqual([])
    const EmailIdentity = 'news@shop.example'
    await aws.call(customer, 'ses', 'CreateEmailIdentity', { EmailIdentity, ConfigurationSetName: 'sesame' })
    await send(aws, 'a@mail.example', { ConfigurationSetName: undefined })
    expect(events(aws)[0]?.mail?.sourceArn).toBe(`arn:aws:ses:${REGION}:${CUSTOMER}:identity/${EmailIdentity}`)
  })
})

describe('an event destination', () => {
  test('an event destination is validated with a plain text, and then receives the event types that it matches', async () => {
    const aws = await connected()
    await destination(aws, ['COMPLAINT'])
    await aws.settled()
    expect(bodies(aws, 'seen')).toEqual(['Successfully validated SNS topic for Amazon SES event publishing.'])
    await send(aws, 'complaint@simulator.amazonses.com')
    expect(types(aws)).toEqual(['Complaint'])
    const ConfigurationSetName = 'sesame'
    expect(await aws.call(customer, 'ses', 'GetConfigurationSetEventDestinations', { ConfigurationSetName })).toEqual({
      EventDestinations: [
        { Name: 'events', Enabled: true, MatchingEventTypes: ['COMPLAINT'], SnsDestination: { TopicArn: topic } },
      ],
    })
  })

  test('an event destination is refused when the topic does not allow the account', async () => {
    const aws = await connected(STRANGER)
    await expect(destination(aws)).rejects.toMatchObject({ code: 'BadRequestException' })
    expect(aws.ses.account(CUSTOMER).configurationSets.get('sesame')?.destinations.size).toBe(0)
    expect(aws.ses.unpublished).toMatchObject([{ account: CUSTOMER, topicArn: topic, code: 'AuthorizationError' }])
  })

  test('an event destination loses events when the topic denies SES later', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE'])
    await denyPublishing(aws)
    await send(aws, 'bounce@simulator.amazonses.com')
    expect(events(aws)).toEqual([])
    expect(aws.ses.unpublished).toHaveLength(1)
  })

  test('an event destination can be disabled, changed and deleted', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE'])
    const ConfigurationSetName = 'sesame'
    const EventDestinationName = 'events'
    await aws.call(customer, 'ses', 'UpdateConfigurationSetEventDestination', {
      ConfigurationSetName,
      EventDestinationName,
      EventDestination: { Enabled: false, SnsDestination: { TopicArn: topic } },
    })
    await send(aws, 'bounce@simulator.amazonses.com')
    expect(events(aws)).toEqual([])
    const input = { ConfigurationSetName, EventDestinationName }
    await aws.call(customer, 'ses', 'DeleteConfigurationSetEventDestination', input)
    const repeated = aws.call(customer, 'ses', 'DeleteConfigurationSetEventDestination', input)
    await expect(repeated).rejects.toMatchObject({ code: 'NotFoundException' })
  })
})

describe('feedback notifications of an identity', () => {
  test('feedback notifications are the other dialect of the same event, with the same feedbackId', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE'])
    expect(await aws.ses.setFeedbackTopic(CUSTOMER, 'shop.example', 'Bounce', topic)).toBeUndefined()
    await send(aws, 'bounce@simulator.amazonses.com')
    const [confirmation, published, notified] = events(aws)
    expect(confirmation).toMatchObject({ notificationType: 'AmazonSnsSubscriptionSucceeded' })
    expect(notified).toMatchObject({
      notificationType: 'Bounce',
      bounce: { ...published?.bounce, remoteMtaIp: expect.any(String) },
      mail: { sendingAccountId: CUSTOMER, sourceIp: expect.any(String), callerIdentity: 'root' },
    })
    expect(notified).not.toHaveProperty('eventType')
    expect(Object.keys(notified?.mail ?? {})).not.toContain('tags')
    expect(Object.keys(notified?.mail ?? {})).not.toContain('headers')
  })

  test('a feedback topic is not set when it does not allow the account of the identity', async () => {
    const aws = await connected(STRANGER)
    expect(await aws.ses.setFeedbackTopic(CUSTOMER, 'shop.example', 'Bounce', topic)).toBe('AuthorizationError')
    expect(aws.ses.account(CUSTOMER).identities.get('shop.example')?.feedbackTopics.size).toBe(0)
  })

  test('feedback notifications stop without notice, and feedback comes by mail again, when the topic denies SES', async () => {
    const aws = await connected()
    await aws.ses.setFeedbackTopic(CUSTOMER, 'shop.example', 'Bounce', topic)
    const identity = aws.ses.account(CUSTOMER).identities.get('shop.example')
    if (identity) identity.feedbackForwarding = false
    await denyPublishing(aws)
    await send(aws, 'bounce@simulator.amazonses.com')
    expect(identity).toMatchObject({ feedbackForwarding: true, feedbackTopics: new Map() })
  })
})

describe('the account list', () => {
  const put = (aws: SmallAws, EmailAddress: string, Reason = 'BOUNCE', who = customer) =>
    aws.call(who, 'ses', 'PutSuppressedDestination', { EmailAddress, Reason })
  const get = (aws: SmallAws, EmailAddress: string, who = customer) =>
    aws.call(who, 'ses', 'GetSuppressedDestination', { EmailAddress })

  test('the account list is case-sensitive, and sending ignores case', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE', 'DELIVERY'])
    await put(aws, 'Jane@mail.example')
    await expect(get(aws, 'jane@mail.example')).rejects.toMatchObject({ code: 'NotFoundException' })
    expect(await get(aws, 'Jane@mail.example')).toMatchObject({
      SuppressedDestination: { EmailAddress: 'Jane@mail.example', Reason: 'BOUNCE', LastUpdateTime: aws.clock.now() },
    })
    await send(aws, 'JANE@mail.example')
    expect(events(aws)).toMatchObject([
      { bounce: { bounceType: 'Permanent', bounceSubType: 'OnAccountSuppressionList' } },
    ])
    expect(aws.ses.account(CUSTOMER).outgoingMails).toEqual([])
  })

  test('the account list echoes a complaint as a complaint', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE', 'COMPLAINT'])
    await put(aws, 'jane@mail.example', 'COMPLAINT')
    await send(aws, 'jane@mail.example')
    expect(events(aws)).toMatchObject([{ complaint: { complaintSubType: 'OnAccountSuppressionList' } }])
  })

  test('the account list stops mail only for the reasons of the configuration set, or else of the account', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE', 'DELIVERY'])
    await put(aws, 'jane@mail.example')
    const bySet = (more: object) =>
      aws.call(customer, 'ses', 'PutConfigurationSetSuppressionOptions', { ConfigurationSetName: 'sesame', ...more })
    await bySet({ SuppressedReasons: ['COMPLAINT'] })
    await send(aws, 'jane@mail.example')
    await bySet({ SuppressedReasons: ['BOUNCE'] })
    await send(aws, 'jane@mail.example')
    await bySet({})
    await send(aws, 'jane@mail.example')
    await aws.call(customer, 'ses', 'CreateConfigurationSet', { ConfigurationSetName: 'plain' })
    await aws.call(customer, 'ses', 'PutAccountSuppressionAttributes', { SuppressedReasons: [] })
    await send(aws, 'jane@mail.example', { ConfigurationSetName: 'plain' })
    expect(types(aws)).toEqual(['Delivery', 'Bounce', 'Delivery'])
    expect(aws.ses.account(CUSTOMER).outgoingMails).toHaveLength(3)
  })

  test('hard bounces and complaints of real mailboxes are added to the account list', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE'])
    aws.ses.mailboxes.set('gone@mail.example', 'hard bounce')
    const messageId = await send(aws, 'Gone@mail.example')
    expect(await get(aws, 'gone@mail.example')).toMatchObject({
      SuppressedDestination: { Reason: 'BOUNCE', Attributes: { MessageId: messageId } },
    })
    await send(aws, 'gone@mail.example')
    expect(events(aws).map(({ bounce }) => bounce?.bounceSubType)).toEqual(['General', 'OnAccountSuppressionList'])
  })

  test('the account list is returned in pages, filtered by reason', async () => {
    const aws = await connected()
    for (const name of ['d', 'b', 'a', 'c'])
      await put(aws, `${name}@mail.example`, name === 'c' ? 'COMPLAINT' : 'BOUNCE')
    const page = (more: object) => aws.call(customer, 'ses', 'ListSuppressedDestinations', { PageSize: 2, ...more })
    const first = await page({ Reasons: ['BOUNCE'] })
    expect(first.SuppressedDestinationSummaries).toMatchObject([
      { EmailAddress: 'a@mail.example' },
      { EmailAddress: 'b@mail.example' },
    ])
    const second = await page({ Reasons: ['BOUNCE'], NextToken: first.NextToken })
    expect(second.SuppressedDestinationSummaries).toMatchObject([{ EmailAddress: 'd@mail.example' }])
    expect(second).not.toHaveProperty('NextToken')
    await expect(page({ NextToken: 'nonsense' })).rejects.toMatchObject({ code: 'InvalidNextTokenException' })
  })

  test('the account list belongs to one account, and is refused in the sandbox', async () => {
    const aws = await connected()
    await put(aws, 'jane@mail.example')
    const stranger = { account: STRANGER }
    await expect(get(aws, 'jane@mail.example', stranger)).rejects.toMatchObject({ code: 'NotFoundException' })
    aws.ses.account(STRANGER).productionAccess = false
    await expect(put(aws, 'a@mail.example', 'BOUNCE', stranger)).rejects.toMatchObject({ code: 'BadRequestException' })
  })

  test('an address can be removed from the account list', async () => {
    const aws = await connected()
    await put(aws, 'jane@mail.example')
    const remove = (EmailAddress: string) => aws.call(customer, 'ses', 'DeleteSuppressedDestination', { EmailAddress })
    await expect(remove('JANE@mail.example')).rejects.toMatchObject({ code: 'NotFoundException' })
    await remove('jane@mail.example')
    await expect(get(aws, 'jane@mail.example')).rejects.toMatchObject({ code: 'NotFoundException' })
  })
})

describe('identities', () => {
  test('identities are verified at once, sorted by name, and unique', async () => {
    const aws = await connected()
    const create = (EmailIdentity: string) => aws.call(customer, 'ses', 'CreateEmailIdentity', { EmailIdentity })
    expect(await create('Ann@other.example')).toMatchObject({
      IdentityType: 'EMAIL_ADDRESS',
      VerifiedForSendingStatus: true,
    })
    await expect(create('shop.example')).rejects.toMatchObject({ code: 'AlreadyExistsException' })
    expect(await aws.call(customer, 'ses', 'ListEmailIdentities', {})).toMatchObject({
      EmailIdentities: [
        { IdentityName: 'ann@other.example', SendingEnabled: true },
        { IdentityName: 'shop.example', IdentityType: 'DOMAIN' },
      ],
    })
    const missing = aws.call(customer, 'ses', 'GetEmailIdentity', { EmailIdentity: 'none.example' })
    await expect(missing).rejects.toMatchObject({ code: 'NotFoundException' })
  })
})

describe('a tenant', () => {
  const gone = 'gone@mail.example'
  const withTenant = async (scope: 'ACCOUNT' | 'TENANT') => {
    const aws = await connected()
    const list = new Map()
    aws.ses.account(CUSTOMER).tenants.set('shop', { name: 'shop', id: 'tn-1', scope, list })
    return { aws, list }
  }

  test('the list of a tenant is kept apart from that of the account, and an unknown tenant has none', async () => {
    const { aws, list } = await withTenant('TENANT')
    await aws.call(customer, 'ses', 'PutSuppressedDestination', {
      EmailAddress: gone,
      Reason: 'BOUNCE',
      TenantName: 'shop',
    })
    expect([...list.keys()]).toEqual([gone])
    expect(aws.ses.account(CUSTOMER).accountList.size).toBe(0)
    expect(await aws.call(customer, 'ses', 'ListSuppressedDestinations', { TenantName: 'shop' })).toMatchObject({
      SuppressedDestinationSummaries: [{ EmailAddress: gone }],
    })
    expect(await aws.call(customer, 'ses', 'ListSuppressedDestinations', {})).toMatchObject({
      SuppressedDestinationSummaries: [],
    })
    const unknown = aws.call(customer, 'ses', 'ListSuppressedDestinations', { TenantName: 'other' })
    await expect(unknown).rejects.toMatchObject({ code: 'NotFoundException' })
    await aws.call(customer, 'ses', 'DeleteSuppressedDestination', { EmailAddress: gone, TenantName: 'shop' })
    expect(list.size).toBe(0)
  })

  test('the list of a tenant stops mail of the tenant if the scope is TENANT, and not otherwise', async () => {
    for (const scope of ['TENANT', 'ACCOUNT'] as const) {
      const { aws, list } = await withTenant(scope)
      list.set(gone, { address: gone, reason: 'BOUNCE', at: new Date(0) })
      await send(aws, gone, { TenantName: 'shop' })
      await aws.settled()
      expect(aws.ses.account(CUSTOMER).outgoingMails).toHaveLength(scope === 'TENANT' ? 0 : 1)
    }
  })
})

describe('an unsupported option of SendEmail', () => {
  test.each([
    [
      'an identity named by its ARN',
      { FromEmailAddressIdentityArn: `arn:aws:ses:${REGION}:${CUSTOMER}:identity/shop.example` },
    ],
    ['list management', { ListManagementOptions: { ContactListName: 'readers' } }],
  ])('an unsupported option is refused, not ignored: %s', async (_, more) => {
    const aws = await connected()
    await expect(send(aws, 'a@mail.example', more)).rejects.toMatchObject({ status: 400 })
    expect(aws.ses.account(CUSTOMER).outgoingMails).toEqual([])
  })
})
