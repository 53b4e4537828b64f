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

/** A topic of ours that takes events of the customer's configuration set, and a queue that shows what came. */
async function connected(...forAccounts: string[]) {
  const aws = smallAws()
  const admitted = forAccounts.length > 0 ? forAccounts : [CUSTOMER]
  const Policy = JSON.stringify(
    policy({
      Sid: 'LetSesPublish',
      Effect: 'Allow',
      Principal: { Service: 'ses.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topic,
      Condition: { StringEquals: { 'aws:SourceAccount': admitted } },
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
/** What came through the topic, less the text by which SES tried it. */
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
  ])('%s@ is followed by %j', async (local, expected, details) => {
    const aws = await connected()
    await destination(aws)
    await send(aws, `${local}+label@simulator.amazonses.com`)
    expect(types(aws)).toEqual(expected)
    const last = events(aws).at(-1) ?? {}
    expect(last[String(last.eventType).toLowerCase()]).toMatchObject(details)
    expect(aws.ses.account(CUSTOMER).accountList.size).toBe(0)
  })

  test('makes a bounce shaped like SES’s', async () => {
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
  ])('can be given the behaviour "%s"', async (behaviour, expected) => {
    const aws = await connected()
    await destination(aws)
    aws.ses.mailboxes.set('jane@mail.example', behaviour)
    await send(aws, 'Jane <Jane@mail.example>')
    expect(types(aws)).toEqual(expected)
    expect(events(aws)[0]?.mail?.destination).toEqual(['Jane@mail.example'])
  })

  test('answers as its domain does unless it has a behaviour of its own', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE', 'DELIVERY'])
    aws.ses.mailboxes.set('gone.example', 'hard bounce')
    aws.ses.mailboxes.set('here@gone.example', 'delivery')
    await send(aws, ['away@gone.example', 'here@gone.example'])
    expect(types(aws)).toEqual(['Bounce', 'Delivery'])
  })

  test('bounces alone when the mail went to several, in To, Cc and Bcc', async () => {
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
  test('may be a raw message with its own headers and recipients', async () => {
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

  test('may be a template; a value that is missing is a rendering failure, and nothing is sent', async () => {
    const aws = await connected()
    await destination(aws)
    aws.ses.putTemplate(CUSTOMER, 'greeting', { subject: 'Hello {{name}}', text: 'Hi {{ name }}', html: '' })
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
    expect(aws.ses.account(CUSTOMER).departures).toMatchObject([{ recipient: 'a@mail.example', subject: 'Hello Ann' }])
  })

  test('with a virus is rejected after it was accepted', async () => {
    const aws = await connected()
    await destination(aws)
    const Body = { Text: { Data: 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE' } }
    await send(aws, 'a@mail.example', { Content: { Simple: { Subject: { Data: 'x' }, Body } } })
    expect(events(aws)).toMatchObject([{ eventType: 'Reject', reject: { reason: 'Bad content' } }])
  })
})

describe('sending', () => {
  test('is refused from an identity that nobody verified, also when another account did', async () => {
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

  test('reaches only verified addresses and the simulator from the sandbox', async () => {
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

  test('is refused without recipients, to more than fifty, or with a configuration set that does not exist', async () => {
    const aws = await connected()
    await expect(send(aws, [])).rejects.toMatchObject({ code: 'BadRequestException' })
    const crowd = Array.from({ length: 51 }, (_, index) => `a${index}@mail.example`)
    await expect(send(aws, crowd)).rejects.toMatchObject({ code: 'BadRequestException' })
    await expect(send(aws, 'a@mail.example', { ConfigurationSetName: 'none' })).rejects.toMatchObject({
      code: 'NotFoundException',
    })
  })

  test('reports nothing without a configuration set, unless the identity has a default one', async () => {
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
  test('is tried with a text that is no event, and then brings what it asked for', async () => {
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

  test('is refused when the topic does not admit the account', async () => {
    const aws = await connected(STRANGER)
    await expect(destination(aws)).rejects.toMatchObject({ code: 'BadRequestException' })
    expect(aws.ses.account(CUSTOMER).configurationSets.get('sesame')?.destinations.size).toBe(0)
    expect(aws.ses.unpublished).toMatchObject([{ account: CUSTOMER, topicArn: topic, code: 'AuthorizationError' }])
  })

  test('loses events when the topic shuts it out later', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE'])
    const shut = policy({ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topic })
    await aws.call({ account: OWN }, 'sns', 'SetTopicAttributes', {
      TopicArn: topic,
      AttributeName: 'Policy',
      AttributeValue: JSON.stringify(shut),
    })
    await send(aws, 'bounce@simulator.amazonses.com')
    expect(events(aws)).toEqual([])
    expect(aws.ses.unpublished).toHaveLength(1)
  })

  test('can be switched off, changed and taken away', async () => {
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
    const again = aws.call(customer, 'ses', 'DeleteConfigurationSetEventDestination', input)
    await expect(again).rejects.toMatchObject({ code: 'NotFoundException' })
  })
})

describe('feedback notifications of an identity', () => {
  test('are the other dialect of the same event, with the same feedbackId', async () => {
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

  test('are not set up when the topic does not admit the identity’s account', async () => {
    const aws = await connected(STRANGER)
    expect(await aws.ses.setFeedbackTopic(CUSTOMER, 'shop.example', 'Bounce', topic)).toBe('AuthorizationError')
    expect(aws.ses.account(CUSTOMER).identities.get('shop.example')?.feedbackTopics.size).toBe(0)
  })

  test('end silently, and come by mail again, when the topic shuts SES out', async () => {
    const aws = await connected()
    await aws.ses.setFeedbackTopic(CUSTOMER, 'shop.example', 'Bounce', topic)
    const identity = aws.ses.account(CUSTOMER).identities.get('shop.example')
    if (identity) identity.feedbackForwarding = false
    const shut = policy({ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topic })
    await aws.call({ account: OWN }, 'sns', 'SetTopicAttributes', {
      TopicArn: topic,
      AttributeName: 'Policy',
      AttributeValue: JSON.stringify(shut),
    })
    await send(aws, 'bounce@simulator.amazonses.com')
    expect(identity).toMatchObject({ feedbackForwarding: true, feedbackTopics: new Map() })
  })
})

describe('the account list', () => {
  const put = (aws: SmallAws, EmailAddress: string, Reason = 'BOUNCE', who = customer) =>
    aws.call(who, 'ses', 'PutSuppressedDestination', { EmailAddress, Reason })
  const get = (aws: SmallAws, EmailAddress: string, who = customer) =>
    aws.call(who, 'ses', 'GetSuppressedDestination', { EmailAddress })

  test('knows an address by its exact case, and sending ignores case', async () => {
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
    expect(aws.ses.account(CUSTOMER).departures).toEqual([])
  })

  test('echoes a complaint as a complaint', async () => {
    const aws = await connected()
    await destination(aws, ['BOUNCE', 'COMPLAINT'])
    await put(aws, 'jane@mail.example', 'COMPLAINT')
    await send(aws, 'jane@mail.example')
    expect(events(aws)).toMatchObject([{ complaint: { complaintSubType: 'OnAccountSuppressionList' } }])
  })

  test('stops mail only for the reasons of the configuration set, or else of the account', async () => {
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
    expect(aws.ses.account(CUSTOMER).departures).toHaveLength(3)
  })

  test('is filled by hard bounces and complaints of real mailboxes', async () => {
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

  test('comes in pages, by reason', async () => {
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

  test('is the account’s own, and closed in the sandbox', async () => {
    const aws = await connected()
    await put(aws, 'jane@mail.example')
    const stranger = { account: STRANGER }
    await expect(get(aws, 'jane@mail.example', stranger)).rejects.toMatchObject({ code: 'NotFoundException' })
    aws.ses.account(STRANGER).productionAccess = false
    await expect(put(aws, 'a@mail.example', 'BOUNCE', stranger)).rejects.toMatchObject({ code: 'BadRequestException' })
  })

  test('lets go of an address', async () => {
    const aws = await connected()
    await put(aws, 'jane@mail.example')
    const remove = (EmailAddress: string) => aws.call(customer, 'ses', 'DeleteSuppressedDestination', { EmailAddress })
    await expect(remove('JANE@mail.example')).rejects.toMatchObject({ code: 'NotFoundException' })
    await remove('jane@mail.example')
    await expect(get(aws, 'jane@mail.example')).rejects.toMatchObject({ code: 'NotFoundException' })
  })
})

describe('identities', () => {
  test('are verified at once, listed by name, and known only once', async () => {
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

describe('what SES does not do here', () => {
  test.each([
    [
      'an identity named by its ARN',
      { FromEmailAddressIdentityArn: `arn:aws:ses:${REGION}:${CUSTOMER}:identity/shop.example` },
    ],
    ['list management', { ListManagementOptions: { ContactListName: 'readers' } }],
    ['tenants', { TenantName: 'a' }],
  ])('is refused and not ignored: %s', async (_, more) => {
    const aws = await connected()
    await expect(send(aws, 'a@mail.example', more)).rejects.toMatchObject({ status: 400 })
    expect(aws.ses.account(CUSTOMER).departures).toEqual([])
  })
})
