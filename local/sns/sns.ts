/**
 * SNS: standard topics with topic policies, the subscription protocols lambda and sqs, dead-letter queues.
 *
 * A subscriber's own policy must allow sns.amazonaws.com: each delivery passes the gate. SNS delivers at least once and in any order;
 * `duplicateDeliveries` and `shuffle` show both to a test.
 */
import * as v from 'valibot'
import { createIds, type Ids } from '../ids.ts'
import { AwsError, type Platform, type Service, type ServiceOperation } from '../service.ts'
import { messageAttributesSchema } from '../sqs/message-attributes.ts'
import { readInput } from '../wire/input.ts'
import { createDelivery, type DroppedNotification } from './delivery.ts'
import { keptSnsState } from './kept-state.ts'
import type { Notification } from './notification.ts'
import { type StartDelivery, subscriptionOperations } from './subscription-operations.ts'
import { invalidParameter, type Topic } from './topic.ts'
import { findTopic, topicOperations } from './topic-operations.ts'

export type Sns = Service & {
  /** Every topic by its ARN. */
  readonly topics: ReadonlyMap<string, Topic>
  /** Notifications that neither the subscriber nor a dead-letter queue accepted, oldest first. */
  readonly dropped: readonly DroppedNotification[]
  /** Whether every notification is delivered twice, with the same MessageId. */
  duplicateDeliveries: boolean
  /** Shuffles concurrent deliveries in an order that depends on the seed. Without a seed they keep the order of publishing. */
  shuffle(seed?: string): void
}

const MAXIMUM_MESSAGE_BYTES = 262_144

const publishInput = v.object({
  TopicArn: v.optional(v.string()),
  TargetArn: v.optional(v.string()),
  Message: v.string(),
  Subject: v.optional(v.string()),
  MessageAttributes: v.optional(messageAttributesSchema, {}),
  MessageStructure: v.optional(v.never()),
})

export function createSns(platform: Platform): Sns {
  const topics = new Map<string, Topic>()
  const dropped: DroppedNotification[] = []
  const ids = platform.createIds('sns')
  const deliver = createDelivery(platform, ids, dropped)
  let order: Ids | undefined

  const start: StartDelivery = (topic, subscription, notification) => {
    const task = () => deliver(topic, subscription, notification)
    if (order) platform.work.after(order.fraction() * 1000, task)
    else platform.work.start(task)
  }

  const publish: ServiceOperation = (call) => {
    const input = readInput(publishInput, call, 'InvalidParameter')
    const topic = findTopic(topics, input.TopicArn ?? input.TargetArn ?? '')
    // No key admits a service: AWS's own key for SNS never does, and the embedded AWS has no others.
    if (topic.attributes.KmsMasterKeyId && call.caller.principal.kind === 'service')
      throw new AwsError(
        'KMSAccessDenied',
        `The key of the topic does not allow ${call.caller.principal.service} to use it.`,
        400,
      )
    if (input.Message === '') throw invalidParameter('Empty message')
    if (Buffer.byteLength(input.Message) > MAXIMUM_MESSAGE_BYTES) throw invalidParameter('Message too long')
    const notification: Notification = {
      type: 'Notification',
      id: ids.uuid(),
      topicArn: topic.arn,
      subject: input.Subject,
      message: input.Message,
      at: call.at,
      attributes: input.MessageAttributes,
    }
    for (const subscription of topic.subscriptions) {
      if (subscription.token !== undefined) continue
      for (let copy = 0; copy < (sns.duplicateDeliveries ? 2 : 1); copy++) start(topic, subscription, notification)
    }
    return { MessageId: notification.id }
  }

  const sns: Sns = {
    topics,
    keeps: () => keptSnsState(topics),
    dropped,
    duplicateDeliveries: false,
    shuffle(seed) {
      order = seed === undefined ? undefined : createIds(seed)
    },
    resourcePolicy: ({ resource }) => topics.get(resource)?.policy,
    operations: { ...topicOperations(topics), ...subscriptionOperations(topics, ids, start), Publish: publish },
  }
  return sns
}
