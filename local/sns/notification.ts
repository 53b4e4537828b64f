/** One published message in the shapes that subscribers receive: Lambda event, SQS envelope, raw. */
import type { MessageAttributes } from '../sqs/message-attributes.ts'
import type { Subscription } from './topic.ts'

export type Notification = {
  type: 'Notification' | 'SubscriptionConfirmation'
  id: string
  topicArn: string
  subject: string | undefined
  message: string
  at: Date
  attributes: MessageAttributes
  token?: string
}

const host = (topicArn: string): string => `https://sns.${topicArn.split(':')[3]}.amazonaws.com`
const certificate = (topicArn: string): string =>
  `${host(topicArn)}/SimpleNotificationService-00000000000000000000000000000000.pem`
const unsubscribeLink = (subscription: Subscription): string =>
  `${host(subscription.topicArn)}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`

/** The embedded AWS does not sign. A receiver must not take the presence of the field as proof. */
const signature = 'EXAMPLE-NOT-SIGNED=='

const plainAttributes = (notification: Notification) =>
  Object.fromEntries(
    Object.entries(notification.attributes).map(([name, attribute]) => [
      name,
      {
        Type: attribute.DataType,
        Value: attribute.BinaryValue
          ? Buffer.from(attribute.BinaryValue).toString('base64')
          : (attribute.StringValue ?? ''),
      },
    ]),
  )

/** The event of a subscribed function: always one record, with the spellings `SigningCertUrl` and `UnsubscribeUrl`. */
export function lambdaEvent(notification: Notification, subscription: Subscription): object {
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: notification.type,
          MessageId: notification.id,
          TopicArn: notification.topicArn,
          Subject: notification.subject ?? null,
          Message: notification.message,
          Timestamp: notification.at.toISOString(),
          SignatureVersion: '1',
          Signature: signature,
          SigningCertUrl: certificate(notification.topicArn),
          UnsubscribeUrl: unsubscribeLink(subscription),
          MessageAttributes: plainAttributes(notification),
        },
      },
    ],
  }
}

/** The envelope for a queue, with the spellings `SigningCertURL` and `UnsubscribeURL`. */
function envelope(notification: Notification, subscription: Subscription): object {
  const confirming = notification.type === 'SubscriptionConfirmation'
  const attributes = plainAttributes(notification)
  const confirm = `${host(notification.topicArn)}/?Action=ConfirmSubscription&TopicArn=${notification.topicArn}&Token=${notification.token}`
  return {
    Type: notification.type,
    MessageId: notification.id,
    ...(confirming && { Token: notification.token }),
    TopicArn: notification.topicArn,
    ...(notification.subject !== undefined && { Subject: notification.subject }),
    Message: notification.message,
    ...(confirming && { SubscribeURL: confirm }),
    Timestamp: notification.at.toISOString(),
    SignatureVersion: '1',
    Signature: signature,
    SigningCertURL: certificate(notification.topicArn),
    ...(!confirming && { UnsubscribeURL: unsubscribeLink(subscription) }),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
  }
}

/** The SendMessage input for a queue: the envelope, or with raw delivery the message and its attributes. */
export function queueMessage(notification: Notification, subscription: Subscription) {
  const raw = subscription.raw && notification.type === 'Notification'
  return raw
    ? { MessageBody: notification.message, MessageAttributes: notification.attributes }
    : { MessageBody: JSON.stringify(envelope(notification, subscription)) }
}
