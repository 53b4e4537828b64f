/** One record → one event, whatever the envelope and whatever SES omits. */
import { describe, expect, test } from 'vitest'
import { MalformedEventError } from '../../src/intake/malformed-event-error.ts'
import { readArrivingEvent, readEvent, unreadableOf } from '../../src/intake/read-event.ts'
import { bounceEvent, complaintEvent, eventBridge, mail, snsEnvelope, snsRecord, sqsRecord } from './payloads.ts'

const without = <T extends object>(object: T, ...keys: string[]): Partial<T> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key))) as Partial<T>
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const withBounce = (changes: object) => ({ ...bounceEvent, bounce: { ...bounceEvent.bounce, ...changes } })
const withMail = (changes: object) => ({ ...bounceEvent, mail: { ...mail, ...changes } })
const withComplaint = (changes: object) => ({
  ...complaintEvent,
  complaint: { ...complaintEvent.complaint, ...changes },
})

function errorOf(record: unknown): MalformedEventError {
  try {
    readEvent(record)
  } catch (error) {
    if (error instanceof MalformedEventError) return error
    throw error
  }
  throw new Error('the record was read')
}

describe('readEvent and envelopes', () => {
  const expected = readEvent(bounceEvent)

  test.each([
    ['as JSON', JSON.stringify(bounceEvent)],
    ['as JSON in JSON', JSON.stringify(JSON.stringify(bounceEvent))],
    ['in an SNS record of Lambda', snsRecord(bounceEvent)],
    ['in an SNS envelope', snsEnvelope(bounceEvent)],
    ['in an SNS envelope as JSON', JSON.stringify(snsEnvelope(bounceEvent))],
    ['in an SNS envelope with nothing but a message', { Message: JSON.stringify(bounceEvent) }],
    ['in an SQS record with an SNS envelope', sqsRecord(snsEnvelope(bounceEvent))],
    ['in an SQS record with raw delivery', sqsRecord(bounceEvent)],
    ["in an SQS message of the SDK's", { MessageId: '1', Body: JSON.stringify(snsEnvelope(bounceEvent)) }],
    ['in an EventBridge event', eventBridge(bounceEvent)],
    ['in an EventBridge event in an SNS envelope in an SQS record', sqsRecord(snsEnvelope(eventBridge(bounceEvent)))],
    [
      'in a record of Kinesis',
      { eventSource: 'aws:kinesis', kinesis: { kinesisSchemaVersion: '1.0', data: base64(bounceEvent) } },
    ],
    ['in a record of Firehose', { recordId: '1', data: base64(bounceEvent) }],
    ['in an EventBridge event that names the type outside only', eventBridge(without(bounceEvent, 'eventType'))],
  ])('readEvent reads the same event %s', (_, record) => {
    expect(readEvent(record)).toEqual(expected)
  })

  test('readEvent returns the fields of an event without an envelope', () => {
    expect(expected).toEqual({
      type: 'Bounce',
      dialect: 'event publishing',
      mail: {
        messageId: mail.messageId,
        at: new Date('2026-03-02T08:35:30Z'),
        source: 'Acme News <news@acme.example>',
        sendingAccountId: '111122223333',
        configurationSet: 'sesame-acme',
        destination: ['anna@example.com', 'berta@example.com'],
        tags: mail.tags,
      },
      bounce: {
        type: 'Permanent',
        subType: 'General',
        at: new Date('2026-03-02T08:37:00Z'),
        feedbackId: bounceEvent.bounce.feedbackId,
        recipients: [
          { address: 'anna@example.com', action: 'failed', status: '5.1.1', diagnostic: 'smtp; 550 unknown' },
        ],
      },
    })
  })

  test('readEvent rejects an EventBridge event that is not from SES', () => {
    expect(errorOf({ ...eventBridge(bounceEvent), source: 'my.app' }).field).toBe('source')
  })

  test('fields of the event that have the names of our fields change nothing', () => {
    expect(readEvent({ ...bounceEvent, type: 'NonEvent', reason: 'topic validated', dialect: 'x' })).toEqual(expected)
  })
})

describe('readEvent and missing fields', () => {
  test('details of a recipient that SES omits or sets to null are absent', () => {
    const bouncedRecipients = [{ emailAddress: 'anna@example.com', action: '', status: null, diagnosticCode: 5 }]
    expect(readEvent(withBounce({ bouncedRecipients }))).toMatchObject({
      bounce: { recipients: [{ address: 'anna@example.com', action: undefined, status: undefined }] },
    })
  })

  test('details of a complaint that SES omits or sets to null are absent', () => {
    const read = readEvent(withComplaint({ complaintFeedbackType: undefined, userAgent: null }))
    expect(read).toMatchObject({ complaint: { feedbackType: undefined, subType: undefined } })
  })

  test('details of the mail that SES omits or sets to null are absent or empty', () => {
    const bare = { messageId: 'm', timestamp: mail.timestamp, tags: null, destination: null, headersTruncated: 'true' }
    expect(readEvent({ ...bounceEvent, mail: bare })).toMatchObject({
      mail: { source: '', destination: [], tags: {}, configurationSet: undefined },
    })
  })

  test('a bounce without a sub-type has the sub-type Undetermined', () => {
    expect(readEvent(withBounce({ bounceSubType: undefined }))).toMatchObject({ bounce: { subType: 'Undetermined' } })
  })

  test('a destination that is not an address stays unchanged, because nothing depends on it', () => {
    const destination = ['Anna <ANNA@example.com>', 'nobody in particular']
    expect(readEvent(withMail({ destination }))).toMatchObject({
      mail: { destination: ['anna@example.com', 'nobody in particular'] },
    })
  })

  test('a tag that is not a list of texts is dropped', () => {
    const tags = { 'ses:configuration-set': ['sesame-acme'], odd: 'text', mixed: ['a', 1], __proto__: ['b'] }
    expect(readEvent(withMail({ tags }))).toMatchObject({
      mail: { tags: { 'ses:configuration-set': ['sesame-acme'], mixed: ['a'] } },
    })
  })
})

describe('readEvent and recipients that cannot be read', () => {
  const good = { emailAddress: 'anna@example.com' }

  test.each([
    ['is no address', { emailAddress: 'anna@example..com' }, '[1].emailAddress'],
    ['has no address', {}, '[1].emailAddress'],
    ['is a text', 'anna@example.com', '[1]'],
    ['is null', null, '[1]'],
  ])('a recipient that %s does not hide the others, and its position is known', (_, bad, field) => {
    const bounce = readEvent(withBounce({ bouncedRecipients: [good, bad, good] }))
    expect(bounce).toMatchObject({
      bounce: { recipients: [{ address: 'anna@example.com' }, { address: 'anna@example.com' }] },
    })
    const complaint = readEvent(withComplaint({ complainedRecipients: [good, bad] }))
    expect(complaint).toMatchObject({ complaint: { recipients: [{ address: 'anna@example.com' }] } })
    for (const [event, list] of [
      [bounce, 'bounce.bouncedRecipients'],
      [complaint, 'complaint.complainedRecipients'],
    ] as const)
      expect(event.type === 'NonEvent' ? [] : unreadableOf(event)).toMatchObject([{ field: `${list}${field}` }])
  })

  test('an event whose recipients can all be read has none that cannot', () => {
    const event = readEvent(bounceEvent)
    expect(event.type === 'NonEvent' ? undefined : unreadableOf(event)).toEqual([])
  })

  test('a delivery, a delay and the destination keep what can be read', () => {
    const delivery = readEvent({
      eventType: 'Delivery',
      mail,
      delivery: { recipients: ['nobody', 'anna@example.com', 5] },
    })
    expect(delivery).toMatchObject({ delivery: { recipients: [{ address: 'anna@example.com' }] } })
    const delay = readEvent({ eventType: 'DeliveryDelay', mail, deliveryDelay: { delayedRecipients: [{}, good] } })
    expect(delay).toMatchObject({ deliveryDelay: { recipients: [{ address: 'anna@example.com' }] } })
    expect(readEvent(withMail({ destination: [5, null, 'anna@example.com'] }))).toMatchObject({
      mail: { destination: ['anna@example.com'] },
    })
  })
})

describe('readEvent and fields of one form', () => {
  test.each([
    ['5.1.1', '5.1.1'],
    [' 5.0.0 (permanent failure)', '5.0.0'],
    ['#5.1.1', '5.1.1'],
    ['550', '550'],
    ['5.1.1; 550 <somebody@example.com>', '5.1.1'],
    ['somebody@example.com', undefined],
    ['192.0.2.1', undefined],
    ['5.01.1', undefined],
    ['7.7.1', undefined],
    [511, undefined],
  ])('the status %j is read as %s', (status, read) => {
    const event = readEvent(withBounce({ bouncedRecipients: [{ emailAddress: 'anna@example.com', status }] }))
    expect(event.type === 'Bounce' && event.bounce.recipients[0]?.status).toBe(read)
  })

  test('a type, a sub-type, an action and a feedback type that are no names are unknown or absent', () => {
    const hostile = 'secret@example.com \u001b[2J'
    const bouncedRecipients = [{ emailAddress: 'anna@example.com', action: hostile }]
    expect(readEvent(withBounce({ bounceType: hostile, bounceSubType: hostile, bouncedRecipients }))).toMatchObject({
      bounce: { type: 'Unknown', subType: 'Unknown', recipients: [{ action: undefined }] },
    })
    expect(readEvent(withComplaint({ complaintFeedbackType: hostile }))).toMatchObject({
      complaint: { feedbackType: 'unknown' },
    })
  })

  test('a feedback id of another form than that of SES is replaced by its digest, the same each time', () => {
    const [one, again, other] = ['a b@example.com', 'a b@example.com', 'other@example.com'].map((feedbackId) => {
      const event = readEvent(withBounce({ feedbackId }))
      return event.type === 'Bounce' ? event.bounce.feedbackId : undefined
    })
    expect(one).toMatch(/^[\w-]{43}$/)
    expect(again).toBe(one)
    expect(other).not.toBe(one)
  })

  test('the tenant of the mail is read from its tag', () => {
    const tags = { ...mail.tags, 'ses:tenant-name': ['shop-17'] }
    expect(readEvent(withMail({ tags }))).toMatchObject({ mail: { tenant: 'shop-17' } })
  })
})

describe('readArrivingEvent', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 9, minute))
  const bounceAt = (time: Date) => withBounce({ timestamp: time.toISOString() })
  const timeOf = (record: unknown, now: Date) => {
    const event = readArrivingEvent(record, now)
    return event.type === 'Bounce' ? event.bounce.at : undefined
  }

  test.each([
    ['bounce.timestamp', withBounce({ timestamp: '2026-03-03T09:00:01Z' })],
    ['mail.timestamp', withMail({ timestamp: '2027-03-03T09:00:00Z' })],
    ['complaint.timestamp', withComplaint({ timestamp: '2026-03-04T09:00:00Z' })],
    ['open.timestamp', { eventType: 'Open', mail, open: { timestamp: '2026-03-04T09:00:00Z' } }],
  ])('an event whose %s is more than a day ahead is malformed', (field, record) => {
    expect(() => readArrivingEvent(record, at(0))).toThrow(
      expect.objectContaining({ name: 'MalformedEventError', field }),
    )
    expect(() => readArrivingEvent(record, new Date('2027-03-04T00:00:00Z'))).not.toThrow()
  })

  test('a report has its own time if it lies in the past, and the time of its arrival if it is ahead', () => {
    expect(timeOf(bounceAt(at(0)), at(5))).toEqual(at(0))
    expect(timeOf(bounceAt(at(30)), at(5))).toEqual(at(5))
  })

  test('each copy of a record that was ahead gets the same time, by its envelope', () => {
    const envelopes = [
      { ...snsEnvelope(bounceAt(at(30))), Timestamp: at(5).toISOString() },
      { ...eventBridge(bounceAt(at(30))), time: at(5).toISOString() },
      { ...sqsRecord(bounceAt(at(30))), attributes: { SentTimestamp: String(at(5).getTime()) } },
    ]
    for (const envelope of envelopes)
      for (const now of [at(5), at(6), at(60)]) expect(timeOf(envelope, now)).toEqual(at(5))
  })

  test('an envelope with a time of another day does not move its event', () => {
    expect(timeOf({ ...snsEnvelope(bounceAt(at(0))), Timestamp: '2026-02-20T00:00:00Z' }, at(5))).toEqual(at(0))
  })
})

describe('readEvent and times', () => {
  test.each([
    ['2017-08-05T00:40:02.012Z', '2017-08-05T00:40:02.012Z'],
    ['2017-08-05T00:40:02Z', '2017-08-05T00:40:02.000Z'],
    ['2018-10-08T14:05:45 +0000', '2018-10-08T14:05:45.000Z'],
    ['2009-12-03T04:24:21.000-05:00', '2009-12-03T09:24:21.000Z'],
    ['2018-10-08T14:05:45 +0530', '2018-10-08T08:35:45.000Z'],
    ['2018-10-08T14:05:45.123456789Z', '2018-10-08T14:05:45.123Z'],
  ])('readEvent reads the time %s', (timestamp, iso) => {
    expect(readEvent(withMail({ timestamp }))).toMatchObject({ mail: { at: new Date(iso) } })
  })

  test.each([
    '',
    'yesterday',
    '2018-10-08',
    '2018-10-08T14:05:45',
    '2018-13-08T14:05:45Z',
    '2018-10-08T25:05:45Z',
    '1999-12-31T23:59:59Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
  ])('readEvent rejects the time %j', (timestamp) => {
    expect(errorOf(withMail({ timestamp })).field).toBe('mail.timestamp')
  })
})

describe('the MalformedEventError of readEvent', () => {
  test.each([
    ['nothing', undefined, 'record'],
    ['null', null, 'record'],
    ['a number', 5, 'record'],
    ['an empty text', '', 'record'],
    ['a list', [bounceEvent], 'record'],
    ['an empty object', {}, 'eventType'],
    ['an envelope without a message', { Type: 'Notification' }, 'Message'],
    ['an SNS record with nothing in it', { Sns: null }, 'Sns'],
    ['a truncated SQS body', sqsRecord('{"eventType":"Bou'), 'body'],
    ['an envelope with a truncated message', sqsRecord(snsEnvelope('{"eventType":"Bou')), 'body.Message'],
    ['several records at once', { Records: [snsRecord(bounceEvent)] }, 'Records'],
    ['a dead letter', { requestPayload: {} }, 'requestPayload'],
    ['a type that is not a text', { ...bounceEvent, eventType: 1 }, 'eventType'],
    ['an unknown type', { ...bounceEvent, eventType: 'constructor' }, 'eventType'],
    ['an account that is no account', withMail({ sendingAccountId: 'jane@example.com' }), 'mail.sendingAccountId'],
    ['a configuration set that is no name', withMail({ tags: { 'ses:configuration-set': ['a b'] } }), 'mail.tags'],
    ['a tenant that is no name', withMail({ tags: { 'ses:tenant-name': ['<>'] } }), 'mail.tags'],
    ['a message id with a line end', withMail({ messageId: 'a\nb' }), 'mail.messageId'],
    ['a batch of Firehose', { deliveryStreamArn: 'x', records: [] }, 'records'],
    [
      'a type in the wrong dialect',
      { ...without(bounceEvent, 'eventType'), notificationType: 'Send' },
      'notificationType',
    ],
    ['inbound mail', { notificationType: 'Received', mail }, 'notificationType'],
    ['no mail', without(bounceEvent, 'mail'), 'mail'],
    ['no message id', withMail({ messageId: undefined }), 'mail.messageId'],
    ['an empty message id', withMail({ messageId: '' }), 'mail.messageId'],
    ['no mail time', withMail({ timestamp: undefined }), 'mail.timestamp'],
    ['a configuration set that is not a list', withMail({ tags: { 'ses:configuration-set': 'x' } }), 'mail.tags'],
    ['a destination that is a text', withMail({ destination: 'anna@example.com' }), 'mail.destination'],
    ['no bounce', without(bounceEvent, 'bounce'), 'bounce'],
    ['no bounce type', withBounce({ bounceType: undefined }), 'bounce.bounceType'],
    ['no bounce time', withBounce({ timestamp: undefined }), 'bounce.timestamp'],
    ['no feedback id', withBounce({ feedbackId: null }), 'bounce.feedbackId'],
    ['an endless feedback id', withBounce({ feedbackId: 'f'.repeat(257) }), 'bounce.feedbackId'],
    ['a bounce without recipients', withBounce({ bouncedRecipients: [] }), 'bounce.bouncedRecipients'],
    [
      'a recipient without an address',
      withBounce({ bouncedRecipients: [{}] }),
      'bounce.bouncedRecipients[0].emailAddress',
    ],
    ['a recipient that is a text', withBounce({ bouncedRecipients: ['a@b.c'] }), 'bounce.bouncedRecipients[0]'],
    ['a complaint without recipients', withComplaint({ complainedRecipients: [] }), 'complaint.complainedRecipients'],
    ['no complaint feedback id', withComplaint({ feedbackId: undefined }), 'complaint.feedbackId'],
  ])('the error about %s names the field', (_, record, field) => {
    const error = errorOf(record)
    expect(error.field).toBe(field)
    expect(error.retryable).toBe(false)
    expect(error.message).toMatch(/^Malformed SES event: .+\. .+\.$/)
  })

  test.each([
    ['an alarm of CloudWatch', JSON.stringify({ AlarmName: 'bounces-high', NewStateValue: 'ALARM' })],
    ['a test notification of S3', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' })],
    ['a notification of S3', JSON.stringify({ Records: [{ eventSource: 'aws:s3', s3: {} }] })],
    ['a notification of Auto Scaling', JSON.stringify({ AutoScalingGroupName: 'g', Event: 'autoscaling:TEST' })],
    ['a notification of CloudFormation', "StackId='arn:aws:cloudformation:us-east-1:1:stack/x'\nTimestamp='x'\n"],
  ])('the error about %s says what it is', (what, message) => {
    for (const record of [snsRecord(message), sqsRecord(snsEnvelope(message)), message])
      expect(errorOf(record).message).toContain(`is ${what}, not an event of SES`)
  })

  test('the error about a message that has nothing of SES differs from that about a changed event', () => {
    expect(errorOf(snsRecord({ budget: 1 })).message).toContain('everything else that an event of SES has')
    expect(errorOf(snsRecord(without(bounceEvent, 'eventType'))).message).toContain('eventType is missing. Publish')
  })

  test('the error about a malformed record contains no value, neither of a field nor of invalid JSON', () => {
    const secret = 'jane.secret'
    const bouncedRecipients = [{ emailAddress: `${secret} of example.com` }]
    const broken = [
      withBounce({ bouncedRecipients }),
      withMail({ timestamp: secret, [secret]: secret }),
      withMail({ tags: { [secret]: 1, 'ses:configuration-set': secret } }),
      { ...bounceEvent, eventType: secret },
      secret,
      `{"eventType": ${secret}}`,
      snsRecord(`{"eventType": "Bounce", "bounce": {"bouncedRecipients": [{"emailAddress": "${secret}`),
    ]
    for (const record of broken) {
      const error = errorOf(record)
      expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain(secret)
    }
  })

  test('the error about a text says whether it is truncated or was never JSON', () => {
    const text = JSON.stringify(bounceEvent)
    for (let end = 1; end < text.length; end += 7) {
      expect(errorOf(text.slice(0, end)).problem).toBe('ends in the middle of its JSON')
    }
    expect(errorOf('Hello').problem).toBe('is not valid JSON')
    expect(errorOf(text.replace(':', '=')).problem).toBe('is not valid JSON')
  })
})
