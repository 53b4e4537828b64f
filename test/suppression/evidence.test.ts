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
  ...recipients: { emailAddress: string; status?: string; action?: string; diagnosticCode?: string }[]
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
    ['Permanent', 'Suppressed', undefined, 'global-list'],
    ['Permanent', 'EmailValidationSuppressed', undefined, 'guess'],
    ['Permanent', 'UnsubscribedRecipient', undefined, 'opt-out'],
    ['Permanent', 'SomethingNew', undefined, 'hard'],
    ['Permanent', 'General', '4.4.7', 'soft'],
    ['Transient', 'General', undefined, 'automatic-reply'],
    ['Transient', 'MailboxFull', '4.2.2', 'soft'],
    ['Transient', 'CustomTimeoutExceeded', '4.4.7', 'unclear'],
    ['Transient', 'General', '5.1.1', 'rejected'],
    ['Transient', 'General', '5.1.8', 'blocked'],
    ['Transient', 'General', '5.7.1', 'blocked'],
    ['Undetermined', 'Undetermined', undefined, 'unclear'],
    ['Undetermined', 'EmailValidationSuppressed', undefined, 'guess'],
    ['Undetermined', 'Undetermined', '5.1.10', 'rejected'],
    ['SomethingNew', 'General', '4.2.2', 'soft'],
    ['Transient', 'MessageTooLarge', '5.1.1', 'message'],
    ['Permanent', 'ContentRejected', undefined, 'message'],
    ['Transient', 'AttachmentRejected', undefined, 'message'],
    ['Permanent', 'OnAccountSuppressionList', '5.1.1', 'echo'],
    ['Permanent', 'OnTenantSuppressionList', undefined, 'echo'],
  ])('a bounce of type %s/%s with status %s is %s evidence', (type, subType, status, kind) => {
    expect(kinds(bounced(type, subType, { emailAddress: 'jane@example.com', ...(status && { status }) }))).toEqual({
      'jane@example.com': kind,
    })
  })

  test.each([
    ['Permanent', 'OnAccountSuppressionList', 'echo: OnAccountSuppressionList'],
    ['Transient', 'ContentRejected', 'about the message: Transient/ContentRejected'],
    ['Transient', 'General', 'automatic reply: Transient/General'],
    ['Permanent', 'General', undefined],
    ['Transient', 'MailboxFull', undefined],
  ])('the evidence of a bounce of type %s/%s says why it does not count, if it does not: %s', (type, subType, why) => {
    const evidence = bounced(type, subType)
    expect(evidence.type === 'evidence' && evidence.uncounted).toBe(why)
  })

  test('a bounce counts if one of its recipients counts', () => {
    const [gone, delayed] = [
      { emailAddress: 'a@example.com', action: 'failed', status: '5.0.0', diagnosticCode: 'smtp; 550 user unknown' },
      { emailAddress: 'b@example.com', action: 'delayed', status: '4.0.0' },
    ]
    const both = bounced('Permanent', 'General', gone, delayed)
    expect(kinds(both)).toEqual({ 'a@example.com': 'hard', 'b@example.com': 'delayed' })
    expect(both).not.toHaveProperty('uncounted')
    expect(bounced('Permanent', 'General', delayed)).toMatchObject({
      uncounted: 'not failed: Permanent/General/delayed',
    })
  })

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
  test.each([undefined, 'abuse', 'fraud', 'other', 'something-new'])(
    'a complaint of feedback type %s is complaint evidence',
    (type) => {
      expect(kinds(complained(type ? { complaintFeedbackType: type } : {}, 'a@example.com'))).toEqual({
        'a@example.com': 'complaint',
      })
    },
  )

  test.each(['auth-failure', 'virus'])('a report of type %s is not the complaint of a reader', (type) => {
    expect(kinds(complained({ complaintFeedbackType: type }, 'a@example.com'))).toEqual({ 'a@example.com': 'report' })
  })

  test('a complaint is uncertain if it names several recipients, of whom only one can be read', () => {
    expect(kinds(complained({}, 'a@example.com', 'nobody in particular'))).toEqual({ 'a@example.com': 'uncertain' })
  })

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
    const echo = complained({ complaintSubType: 'OnAccountSuppressionList' }, 'a@example.com')
    expect(kinds(echo)).toEqual({ 'a@example.com': 'echo' })
    expect(echo).toHaveProperty('uncounted', 'echo: OnAccountSuppressionList')
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
