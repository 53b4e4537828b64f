import { describe, expect, test } from 'vitest'
import { readEvent } from '../../src/intake/read-event.ts'
import { evidenceOf } from '../../src/suppression/evidence.ts'

const mail = {
  messageId: 'm',
  timestamp: '2026-03-01T09:59:00.000Z',
  source: 'a@example.com',
  destination: [],
  tags: {},
}
const about = { timestamp: '2026-03-01T10:00:00.000Z', feedbackId: 'f' }

const bounced = (
  bounceType: string,
  bounceSubType: string,
  ...recipients: { emailAddress: string; status?: string }[]
) =>
  evidenceOf(
    readEvent({
      eventType: 'Bounce',
      mail,
      bounce: {
        ...about,
        bounceType,
        bounceSubType,
        bouncedRecipients: recipients.length > 0 ? recipients : [{ emailAddress: 'jane@example.com' }],
      },
    }),
  )
const complained = (facts: object, ...addresses: string[]) =>
  evidenceOf(
    readEvent({
      eventType: 'Complaint',
      mail,
      complaint: { ...about, complainedRecipients: addresses.map((emailAddress) => ({ emailAddress })), ...facts },
    }),
  )
const kinds = (evidence: ReturnType<typeof evidenceOf>) =>
  evidence.type === 'evidence'
    ? Object.fromEntries([...evidence.byAddress].map(([address, { kind }]) => [address, kind]))
    : evidence.why

describe('the evidence of a bounce', () => {
  test.each([
    ['Permanent', 'General', undefined, 'hard'],
    ['Permanent', 'NoEmail', '5.1.1', 'hard'],
    ['Permanent', 'Suppressed', undefined, 'hard'],
    ['Permanent', 'EmailValidationSuppressed', undefined, 'hard'],
    ['Permanent', 'SomethingNew', undefined, 'hard'],
    ['Permanent', 'General', '4.4.7', 'soft'],
    ['Transient', 'General', undefined, 'soft'],
    ['Transient', 'MailboxFull', '4.2.2', 'soft'],
    ['Transient', 'CustomTimeoutExceeded', '4.4.7', 'soft'],
    ['Transient', 'General', '5.1.1', 'rejected'],
    ['Transient', 'General', '5.7.1', 'soft'],
    ['Undetermined', 'Undetermined', undefined, 'soft'],
    ['Undetermined', 'EmailValidationSuppressed', undefined, 'soft'],
    ['Undetermined', 'Undetermined', '5.1.10', 'rejected'],
    ['SomethingNew', 'General', undefined, 'soft'],
  ])('a bounce of type %s/%s with status %s is %s evidence', (type, subType, status, kind) => {
    expect(kinds(bounced(type, subType, { emailAddress: 'jane@example.com', ...(status && { status }) }))).toEqual({
      'jane@example.com': kind,
    })
  })

  test.each(['MessageTooLarge', 'ContentRejected', 'AttachmentRejected'])(
    'a bounce of type Transient/%s is no evidence',
    (subType) => {
      expect(kinds(bounced('Transient', subType))).toBe(`about the message: Transient/${subType}`)
    },
  )

  test.each(['OnAccountSuppressionList', 'OnTenantSuppressionList'])(
    'a bounce of sub-type %s is an echo',
    (subType) => {
      expect(kinds(bounced('Permanent', subType))).toBe(`echo: ${subType}`)
    },
  )

  test('a bounce is evidence about the bounced recipients and no other recipient of the mail', () => {
    const recipients = [{ emailAddress: 'a@example.com' }, { emailAddress: 'B <b@EXAMPLE.com>' }]
    expect(kinds(bounced('Permanent', 'General', ...recipients))).toEqual({
      'a@example.com': 'hard',
      'b@example.com': 'hard',
    })
  })

  test('of an address that a bounce names twice, the more serious evidence counts, in either order', () => {
    const twice = [
      { emailAddress: 'a@example.com', status: '4.2.2' },
      { emailAddress: 'A@example.com', status: '5.1.1' },
    ]
    expect(kinds(bounced('Transient', 'General', ...twice))).toEqual({ 'a@example.com': 'rejected' })
    expect(kinds(bounced('Transient', 'General', ...twice.reverse()))).toEqual({ 'a@example.com': 'rejected' })
  })
})

describe('the evidence of a complaint', () => {
  test.each([undefined, 'abuse', 'auth-failure', 'fraud', 'other', 'virus', 'something-new'])(
    'a complaint of feedback type %s is complaint evidence',
    (type) => {
      expect(kinds(complained(type ? { complaintFeedbackType: type } : {}, 'a@example.com'))).toEqual({
        'a@example.com': 'complaint',
      })
    },
  )

  test('a complaint is uncertain if it names several recipients, and certain if it names one twice', () => {
    expect(kinds(complained({}, 'a@example.com', 'b@example.com'))).toEqual({
      'a@example.com': 'uncertain',
      'b@example.com': 'uncertain',
    })
    expect(kinds(complained({}, 'a@example.com', 'A@Example.com'))).toEqual({ 'a@example.com': 'complaint' })
  })

  test('a complaint of feedback type not-spam is not-spam evidence', () => {
    expect(kinds(complained({ complaintFeedbackType: 'not-spam' }, 'a@example.com'))).toEqual({
      'a@example.com': 'not-spam',
    })
  })

  test('a complaint of sub-type OnAccountSuppressionList is an echo', () => {
    expect(kinds(complained({ complaintSubType: 'OnAccountSuppressionList' }, 'a@example.com'))).toBe(
      'echo: OnAccountSuppressionList',
    )
  })
})

describe('the evidence of other events', () => {
  test('a delivery and a non-event are ignored for a stated reason', () => {
    expect(kinds(evidenceOf(readEvent({ eventType: 'Delivery', mail, delivery: {} })))).toBe(
      'Delivery says nothing about suppression',
    )
    expect(kinds(evidenceOf(readEvent('Successfully validated SNS topic for Amazon SES event publishing.')))).toBe(
      'topic validated',
    )
  })
})
