/**
 * Delivers a notification to one subscriber: retries transient failures, dead-letters permanent ones.
 *
 * SNS does not retry a client-side error (the endpoint does not exist, its policy refuses). The notification goes to the subscription's
 * dead-letter queue at once, or is dropped. Other errors are retried: three times at once, twice after one second, ten times with growing
 * delays. SNS then continues for 23 days; the embedded AWS gives up.
 */
import type { Ids } from '../ids.ts'
import { AwsError, type Platform } from '../service.ts'
import { queueUrlOf } from '../sqs/directory.ts'
import { createDeliveryStatus } from './delivery-status.ts'
import { lambdaEvent, type Notification, queueMessage } from './notification.ts'
import type { Subscription, Topic } from './topic.ts'

export type DroppedNotification = { topicArn: string; subscriptionArn: string; code: string; message: string }

const retryDelaysMs = [0, 0, 0, 1, 1, ...Array.from({ length: 10 }, (_, index) => 1 + (19 * index) / 9)].map(
  (seconds) => seconds * 1000,
)

/** @param dropped collects the notifications that no dead-letter queue accepted */
export function createDelivery(platform: Platform, ids: Ids, dropped: DroppedNotification[]) {
  const logFailure = createDeliveryStatus(platform, ids)
  const onBehalfOf = (topic: Topic) => ({ sourceAccount: topic.account, sourceArn: topic.arn })
  const send = (topic: Topic, queueArn: string, message: object): Promise<object> =>
    platform.callAsService('sns.amazonaws.com', onBehalfOf(topic), 'sqs', 'SendMessage', {
      QueueUrl: queueUrlOf(platform, queueArn),
      ...message,
    })

  const attempt = (topic: Topic, subscription: Subscription, notification: Notification): Promise<object> => {
    if (subscription.protocol === 'sqs') {
      return send(topic, subscription.endpoint, queueMessage(notification, subscription))
    }
    return platform.callAsService('sns.amazonaws.com', onBehalfOf(topic), 'lambda', 'Invoke', {
      FunctionName: subscription.endpoint,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(lambdaEvent(notification, subscription))),
    })
  }

  const giveUp = async (topic: Topic, subscription: Subscription, notification: Notification, cause: AwsError) => {
    const drop = (error: AwsError): void => {
      dropped.push({
        topicArn: topic.arn,
        subscriptionArn: subscription.arn,
        code: error.code,
        message: error.message,
      })
    }
    await logFailure(topic, subscription, notification, cause)
    if (!subscription.deadLetterArn) return drop(cause)
    const text = (value: string) => ({ DataType: 'String', StringValue: value })
    const body = queueMessage(notification, subscription).MessageBody
    try {
      await send(topic, subscription.deadLetterArn, {
        MessageBody: body,
        MessageAttributes: {
          RequestID: text(ids.uuid()),
          ErrorCode: text(cause.code),
          ErrorMessage: text(cause.message.slice(0, 1024)),
        },
      })
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      drop(error)
    }
  }

  const deliver = async (topic: Topic, subscription: Subscription, notification: Notification, retries = 0) => {
    try {
      await attempt(topic, subscription, notification)
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      const delay = retryDelaysMs[retries]
      const isTransient = cause.status >= 500 || cause.status === 429
      if (!isTransient || delay === undefined) return giveUp(topic, subscription, notification, cause)
      platform.work.after(delay, () => deliver(topic, subscription, notification, retries + 1))
    }
  }
  return deliver
}
