/**
 * One event for each function: an ordinary invocation that may be repeated. What the embedded demo has already invoked is taken from there.
 */
import type { Aws } from '../local/aws.ts'
import { customers } from '../local/demo/customers.ts'

const [{ id: project, account }] = customers
const address = 'gone@customer.example'

/** A request as API Gateway passes it on, from an application of the project. */
const requestTo = (routeKey: string, body: object, parameters: Readonly<Record<string, string>> = {}) => ({
  version: '2.0',
  routeKey,
  headers: { 'content-type': 'application/json' },
  pathParameters: { project, ...parameters },
  requestContext: {
    requestId: 'request',
    authorizer: {
      iam: { userArn: 'arn:aws:sts::123456789012:assumed-role/sesame-application/i-0', accountId: '123456789012' },
    },
  },
  body: JSON.stringify(body),
})

const message = { from: `hello@${project}.example`, to: ['ada@customer.example'], subject: 'Hi', text: 'Hi' }
const by = { by: 'bench' }

const delivery = {
  eventType: 'Delivery',
  mail: {
    timestamp: '2026-11-25T09:00:00.000Z',
    messageId: '0100019a5c000001-3f1c9a7e-5b2d-4c8f-9e0a-000000000001-000000',
    source: message.from,
    sendingAccountId: account,
    destination: message.to,
    tags: { 'ses:configuration-set': [`sesame-${project}`] },
  },
  delivery: { timestamp: '2026-11-25T09:00:01.000Z', processingTimeMillis: 900, recipients: message.to },
}

/** A message of SNS in a queue, as the queue passes it to a function. */
const queued = (topic: string, text: string) => ({
  Records: [
    {
      messageId: '59b3a2f6-6f6c-4dfb-9f0c-000000000001',
      receiptHandle: 'handle',
      eventSource: 'aws:sqs',
      attributes: { SentTimestamp: String(Date.parse('2026-11-25T09:00:02.000Z')), ApproximateReceiveCount: '1' },
      body: JSON.stringify({
        Type: 'Notification',
        MessageId: '59b3a2f6-6f6c-4dfb-9f0c-000000000002',
        TopicArn: topic,
        Timestamp: '2026-11-25T09:00:02.000Z',
        Message: text,
      }),
    },
  ],
})

const invented: Readonly<Record<string, unknown>> = {
  'record-activity': queued('arn:aws:sns:us-east-1:123456789012:sesame-dev-activity', JSON.stringify(delivery)),
  'manage-connection': { do: 'set-project', project, ...by },
  'manage-dead-letters': { do: 'list', ...by },
  'manage-webhooks': { do: 'list', project, ...by },
  'forget-address': { do: 'erased', project, addresses: [address], ...by },
  'send-email': requestTo('POST /projects/{project}/messages', message),
  'open-session': requestTo('POST /projects/{project}/sessions', { from: message.from, minutes: 15 }),
  'manage-templates': requestTo('GET /projects/{project}/templates', {}),
  'read-suppressions': requestTo('POST /projects/{project}/suppressions/check', { addresses: [address] }),
  'rule-on-addresses': requestTo('POST /projects/{project}/suppressions/suppress', {
    addresses: ['bench@customer.example'],
    why: 'bench',
  }),
}

/** Functions that a schedule invokes. Their schedule passes no event. */
const scheduled = ['prove-connections', 'reconcile-suppressions', 'seal-counts', 'check-feeds', 'judge-rates']

/** @returns the event, or `undefined` if there is none for the function */
export function eventFor(aws: Aws, key: string): unknown {
  if (key in invented) return invented[key]
  if (scheduled.includes(key)) return {}
  const isUsual = key === 'record-bounce' ? isBounce : () => true
  return aws.lambda.attempts.findLast(
    ({ functionName, event, finished }) =>
      functionName === `sesame-${aws.stage}-${key}` && finished.failure === undefined && isUsual(event),
  )?.event
}

/** The topic of bounces carries other events too, which are ignored. */
const isBounce = (event: unknown): boolean => JSON.stringify(event).includes('bouncedRecipients')
