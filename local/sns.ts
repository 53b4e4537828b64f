/**
 * SNS: standard topics with topic policies, subscribers of the protocols lambda and sqs, dead-letter queues.
 *
 * A subscriber's own policy must admit sns.amazonaws.com: deliveries are calls through the gate like any other. Delivery is at least once
 * and in no order; `duplicateDeliveries` and `shuffle` make a test see both.
 */
import * as v from 'valibot'
import { newIds } from './ids.ts'
import { readInput } from './input.ts'
import { AwsError, type Call, type Operation, type Platform, type Service } from './service.ts'
import { type Dropped, newDelivery } from './sns/delivery.ts'
import { type Notification, notificationAttributes } from './sns/notification.ts'
import { invalid, newTopic, type Subscription, setAttributes, subscriptionOptions, type Topic } from './sns/topic.ts'

export type Sns = Service & {
  /** Every topic by its ARN. */
  readonly topics: ReadonlyMap<string, Topic>
  /** What no subscriber and no dead-letter queue took, oldest first. */
  readonly dropped: readonly Dropped[]
  /** Delivers everything twice, with the same MessageId. */
  duplicateDeliveries: boolean
  /** From now on deliveries that are under way together come in a random but repeatable order; without a seed in the order of publishing. */
  shuffle(seed?: string): void
}

const MAXIMUM_MESSAGE_BYTES = 262_144

const attributes = v.optional(v.record(v.string(), v.string()), {})
const byTopic = v.object({ TopicArn: v.string() })

const inputs = {
  CreateTopic: v.object({ Name: v.string(), Attributes: attributes }),
  SetTopicAttributes: v.object({
    ...byTopic.entries,
    AttributeName: v.string(),
    AttributeValue: v.optional(v.string(), ''),
  }),
  Subscribe: v.object({
    ...byTopic.entries,
    Protocol: v.string(),
    Endpoint: v.string(),
    Attributes: attributes,
    ReturnSubscriptionArn: v.optional(v.boolean(), false),
  }),
  ConfirmSubscription: v.object({ ...byTopic.entries, Token: v.string() }),
  Unsubscribe: v.object({ SubscriptionArn: v.string() }),
  Publish: v.object({
    TopicArn: v.optional(v.string()),
    TargetArn: v.optional(v.string()),
    Message: v.string(),
    Subject: v.optional(v.string()),
    MessageAttributes: v.optional(notificationAttributes, {}),
  }),
}

export function createSns(platform: Platform): Sns {
  const topics = new Map<string, Topic>()
  const dropped: Dropped[] = []
  const ids = newIds('sns')
  const deliver = newDelivery(platform, ids, dropped)
  let order: ReturnType<typeof newIds> | undefined

  const find = (arn: string): Topic => {
    const topic = topics.get(arn)
    if (topic) return topic
    throw new AwsError('NotFound', 'Topic does not exist', 404)
  }
  const start = (topic: Topic, subscription: Subscription, notification: Notification): void => {
    const task = () => deliver(topic, subscription, notification)
    if (order) platform.work.after(order.fraction() * 1000, task)
    else platform.work.start(task)
  }

  const publish: Operation = (call) => {
    const input = readInput(inputs.Publish, call, 'InvalidParameter')
    if ('MessageStructure' in call.input) throw invalid('MessageStructure is not supported here')
    const topic = find(input.TopicArn ?? input.TargetArn ?? '')
    if (input.Message === '') throw invalid('Empty message')
    if (Buffer.byteLength(input.Message) > MAXIMUM_MESSAGE_BYTES) throw invalid('Message too long')
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

  const subscribe: Operation = (call) => {
    const input = readInput(inputs.Subscribe, call, 'InvalidParameter')
    const topic = find(input.TopicArn)
    const { Protocol: protocol, Endpoint: endpoint } = input
    if (protocol !== 'lambda' && protocol !== 'sqs') {
      throw invalid(`Protocol ${protocol} is not supported here: lambda and sqs are`)
    }
    if (!endpoint.startsWith(`arn:aws:${protocol}:`)) throw invalid(`${protocol} endpoint ARN`)
    const same = topic.subscriptions.find((one) => one.protocol === protocol && one.endpoint === endpoint)
    if (same) return { SubscriptionArn: same.arn }
    // The owner of a queue must agree to what another account sends there.
    const foreign = protocol === 'sqs' && endpoint.split(':')[4] !== call.caller.account && call.caller.account !== ''
    const subscription: Subscription = {
      arn: `${topic.arn}:${ids.uuid()}`,
      topicArn: topic.arn,
      protocol,
      endpoint,
      owner: call.account,
      ...subscriptionOptions(input.Attributes),
      ...(foreign && { token: ids.hex(64) }),
    }
    topic.subscriptions.push(subscription)
    if (subscription.token === undefined) return { SubscriptionArn: subscription.arn }
    start(topic, subscription, confirmationOf(topic, subscription.token, call))
    return { SubscriptionArn: input.ReturnSubscriptionArn ? subscription.arn : 'pending confirmation' }
  }

  const confirmationOf = (topic: Topic, token: string, call: Call): Notification => ({
    type: 'SubscriptionConfirmation',
    id: ids.uuid(),
    topicArn: topic.arn,
    subject: undefined,
    message: `You have chosen to subscribe to the topic ${topic.arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    at: call.at,
    attributes: {},
    token,
  })

  const operations: Record<string, Operation> = {
    CreateTopic(call) {
      const input = readInput(inputs.CreateTopic, call, 'InvalidParameter')
      if (!/^[\w-]{1,256}$/.test(input.Name)) throw invalid('Topic Name')
      const arn = `arn:aws:sns:${call.region}:${call.account}:${input.Name}`
      if (!topics.has(arn)) {
        const topic = newTopic(arn, call.account, input.Name)
        setAttributes(topic, input.Attributes)
        topics.set(arn, topic)
      }
      return { TopicArn: arn }
    },
    GetTopicAttributes(call) {
      const topic = find(readInput(byTopic, call, 'InvalidParameter').TopicArn)
      const pending = topic.subscriptions.filter((one) => one.token !== undefined).length
      return {
        Attributes: {
          ...topic.attributes,
          TopicArn: topic.arn,
          Owner: topic.account,
          SubscriptionsConfirmed: String(topic.subscriptions.length - pending),
          SubscriptionsPending: String(pending),
          SubscriptionsDeleted: '0',
        },
      }
    },
    SetTopicAttributes(call) {
      const input = readInput(inputs.SetTopicAttributes, call, 'InvalidParameter')
      const topic = find(input.TopicArn)
      setAttributes(topic, { [input.AttributeName]: input.AttributeValue })
      return {}
    },
    Subscribe: subscribe,
    ConfirmSubscription(call) {
      const input = readInput(inputs.ConfirmSubscription, call, 'InvalidParameter')
      const subscription = find(input.TopicArn).subscriptions.find((one) => one.token === input.Token)
      if (!subscription) throw invalid('Token')
      delete subscription.token
      return { SubscriptionArn: subscription.arn }
    },
    Unsubscribe(call) {
      const { SubscriptionArn: arn } = readInput(inputs.Unsubscribe, call, 'InvalidParameter')
      const topic = find(arn.slice(0, arn.lastIndexOf(':')))
      topic.subscriptions = topic.subscriptions.filter((one) => one.arn !== arn)
      return {}
    },
    ListSubscriptionsByTopic(call) {
      const topic = find(readInput(byTopic, call, 'InvalidParameter').TopicArn)
      return {
        Subscriptions: topic.subscriptions.map((one) => ({
          SubscriptionArn: one.token === undefined ? one.arn : 'PendingConfirmation',
          Owner: one.owner,
          Protocol: one.protocol,
          Endpoint: one.endpoint,
          TopicArn: one.topicArn,
        })),
      }
    },
    Publish: publish,
  }

  const sns: Sns = {
    operations,
    topics,
    dropped,
    duplicateDeliveries: false,
    shuffle(seed) {
      order = seed === undefined ? undefined : newIds(seed)
    },
    resourcePolicy: (requirement) => topics.get(requirement.resource)?.policy,
  }
  return sns
}
