/**
 * Whole, valid events as SES writes them, for tests to wrap, change and break.
 */

export const mail = {
  timestamp: '2026-03-02T08:35:30.000Z',
  source: 'Acme News <news@acme.example>',
  sendingAccountId: '111122223333',
  messageId: '0100018f39e3779b-6be302d5-bf67-4468-882f-38453d703845-000000',
  destination: ['anna@example.com', 'berta@example.com'],
  headersTruncated: false,
  headers: [{ name: 'Subject', value: 'Your week in one page' }],
  tags: { 'ses:configuration-set': ['sesame-acme'], campaign: ['weekly'] },
}

export const bounceEvent = {
  eventType: 'Bounce',
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [
      { emailAddress: 'Anna@Example.com', action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 unknown' },
    ],
    timestamp: '2026-03-02T08:37:00.000Z',
    feedbackId: '0100018f356e27d5-248e067d-7812-4ff3-83ba-f0f04118f0f0-000000',
  },
  mail,
}

export const complaintEvent = {
  eventType: 'Complaint',
  complaint: {
    complainedRecipients: [{ emailAddress: 'anna@example.com' }],
    timestamp: '2026-03-02T09:37:00.000Z',
    feedbackId: '0100018f356e27d5-0c5a0c5a-7812-4ff3-83ba-f0f04118f0f0-000000',
    complaintFeedbackType: 'abuse',
    complaintSubType: null,
  },
  mail,
}

export const snsEnvelope = (event: unknown) => ({
  Type: 'Notification',
  MessageId: 'a2912765-f615-47d3-8b9a-6ef362006ef3',
  TopicArn: 'arn:aws:sns:us-east-1:123456789012:sesame-dev-bounces',
  Subject: null,
  Message: typeof event === 'string' ? event : JSON.stringify(event),
  Timestamp: '2026-03-02T08:37:00.900Z',
})

export const snsRecord = (event: unknown) => ({ EventSource: 'aws:sns', Sns: snsEnvelope(event) })

export const sqsRecord = (body: unknown) => ({
  eventSource: 'aws:sqs',
  messageId: 'a63d1b3e-f9c1-480e-8bd5-729f55d9729f',
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

export const eventBridge = (event: unknown) => ({
  version: '0',
  source: 'aws.ses',
  'detail-type': 'Email Bounced',
  account: '111122223333',
  detail: event,
})
