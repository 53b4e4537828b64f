/** SES feedback as a topic passes it to a function, for tests. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import type { Aws } from '../../local/aws.ts'

export const account = '111122223333'

export type Feedback = {
  readonly kind: 'hard' | 'rejected' | 'blocked' | 'soft' | 'complaint' | 'not-spam'
  readonly addresses: readonly string[]
  readonly at: Date
  readonly feedbackId: string
}

const bounceTypes = {
  hard: ['Permanent', '5.1.1'],
  rejected: ['Transient', '5.1.1'],
  soft: ['Transient', '4.2.2'],
  blocked: ['Permanent', '5.1.8'],
} as const

/** The event as SES writes it, for mail that used the configuration set. */
export function sesEvent({ kind, addresses, at, feedbackId }: Feedback, configurationSet: string): object {
  const mail = {
    messageId: `mail-${feedbackId}`,
    timestamp: at.toISOString(),
    source: 'news@acme.example',
    sendingAccountId: account,
    destination: addresses,
    tags: { 'ses:configuration-set': [configurationSet] },
  }
  const about = { timestamp: at.toISOString(), feedbackId }
  if (kind === 'complaint' || kind === 'not-spam') {
    const complainedRecipients = addresses.map((emailAddress) => ({ emailAddress }))
    const complaintFeedbackType = kind === 'complaint' ? 'abuse' : kind
    return { eventType: 'Complaint', mail, complaint: { ...about, complainedRecipients, complaintFeedbackType } }
  }
  const [bounceType, status] = bounceTypes[kind]
  const bouncedRecipients = addresses.map((emailAddress) => ({
    emailAddress,
    status,
    diagnosticCode: `smtp; 550 ${status} no such user`,
  }))
  return { eventType: 'Bounce', mail, bounce: { ...about, bounceType, bounceSubType: 'General', bouncedRecipients } }
}

let messages = 0

/** A record of a Lambda event, with a unique SNS message id. */
export const snsRecord = (event: object): object => ({
  EventSource: 'aws:sns',
  Sns: { Type: 'Notification', MessageId: `message-${messages++}`, Message: JSON.stringify(event) },
})

/** Assigns a configuration set to a project, as an administrator could. */
export async function route(aws: Aws, configurationSet: string, project: string, of = account): Promise<void> {
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const Item = { id: { S: `route#${of}` }, facet: { S: configurationSet }, project: { S: project } }
  await dynamodb.send(new PutItemCommand({ TableName: 'sesame-dev-projects', Item }))
}

/** Invokes record-bounce. Returns whether it succeeded. */
export async function invoke(aws: Aws, records: readonly object[]): Promise<boolean> {
  const lambda = new LambdaClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const Payload = JSON.stringify({ Records: records })
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: 'sesame-dev-record-bounce', Payload }))
  return FunctionError === undefined
}

export const table = 'sesame-dev-suppressions'
