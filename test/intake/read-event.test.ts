/** One record → one event, whatever the envelope and whatever SES omits. */
import { describe, expect, test } from 'vitest'
import { MalformedEventError } from '../../src/intake/malformed-event-error.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { bounceEvent, complaintEvent, eventBridge, mail, snsEnvelope, snsRecord, sqsRecord } from './payloads.ts'

const without = <T extends object>(object: T, ...keys: string[]): Partial<T> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key))) as Partial<T>
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

  test.each(['', 'yesterday', '2018-10-08', '2018-10-08T14:05:45', '2018-13-08T14:05:45Z', '2018-10-08T25:05:45Z'])(
    'readEvent rejects the time %j',
    (timestamp) => {
      expect(errorOf(withMail({ timestamp })).field).toBe('mail.timestamp')
    },
  )
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
