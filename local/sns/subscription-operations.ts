/**
 * Subscribe, confirm, unsubscribe, list.
 *
 * A subscription of another account's queue receives only a confirmation message until the owner of the queue confirms it.
 */
import * as v from 'valibot'
import type { Ids } from '../ids.ts'
import type { ServiceCall, ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import type { Notification } from './notification.ts'
import { invalidParameter, readSubscriptionAttributes, type Subscription, type Topic } from './topic.ts'
import { findTopic } from './topic-operations.ts'

const byTopic = v.object({ TopicArn: v.string() })
const subscribe = v.object({
  ...byTopic.entries,
  Protocol: v.string(),
  Endpoint: v.string(),
  Attributes: v.optional(v.record(v.string(), v.string()), {}),
  ReturnSubscriptionArn: v.optional(v.boolean(), false),
})
const confirm = v.object({ ...byTopic.entries, Token: v.string() })
const unsubscribe = v.object({ SubscriptionArn: v.string() })

/** Starts a delivery in the background. */
export type StartDelivery = (topic: Topic, subscription: Subscription, notification: Notification) => void

export function subscriptionOperations(
  topics: ReadonlyMap<string, Topic>,
  ids: Ids,
  start: StartDelivery,
): Record<string, ServiceOperation> {
  const confirmationOf = (topic: Topic, token: string, call: ServiceCall): Notification => ({
    type: 'SubscriptionConfirmation',
    id: ids.uuid(),
    topicArn: topic.arn,
    subject: undefined,
    message: `You have chosen to subscribe to the topic ${topic.arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    at: call.at,
    attributes: {},
    token,
  })

  return {
    Subscribe(call) {
      const input = readInput(subscribe, call, 'InvalidParameter')
      const topic = findTopic(topics, input.TopicArn)
      const { Protocol: protocol, Endpoint: endpoint } = input
      if (protocol !== 'lambda' && protocol !== 'sqs') {
        throw invalidParameter(`Protocol: the embedded AWS supports lambda and sqs, not ${protocol}`)
      }
      if (!endpoint.startsWith(`arn:aws:${protocol}:`)) throw invalidParameter(`${protocol} endpoint ARN`)
      const existing = topic.subscriptions.find(
        (candidate) => candidate.protocol === protocol && candidate.endpoint === endpoint,
      )
      if (existing) return { SubscriptionArn: existing.arn }
      const isForeign =
        protocol === 'sqs' && call.caller.account !== '' && endpoint.split(':')[4] !== call.caller.account
      const subscription: Subscription = {
        arn: `${topic.arn}:${ids.uuid()}`,
        topicArn: topic.arn,
        protocol,
        endpoint,
        owner: call.account,
        ...readSubscriptionAttributes(input.Attributes),
        ...(isForeign && { token: ids.hex(64) }),
      }
      topic.subscriptions.push(subscription)
      if (subscription.token === undefined) return { SubscriptionArn: subscription.arn }
      start(topic, subscription, confirmationOf(topic, subscription.token, call))
      return { SubscriptionArn: input.ReturnSubscriptionArn ? subscription.arn : 'pending confirmation' }
    },
    ConfirmSubscription(call) {
      const input = readInput(confirm, call, 'InvalidParameter')
      const subscription = findTopic(topics, input.TopicArn).subscriptions.find(
        (candidate) => candidate.token === input.Token,
      )
      if (!subscription) throw invalidParameter('Token')
      delete subscription.token
      return { SubscriptionArn: subscription.arn }
    },
    Unsubscribe(call) {
      const { SubscriptionArn: arn } = readInput(unsubscribe, call, 'InvalidParameter')
      const topic = findTopic(topics, arn.slice(0, arn.lastIndexOf(':')))
      topic.subscriptions = topic.subscriptions.filter((candidate) => candidate.arn !== arn)
      return {}
    },
    ListSubscriptionsByTopic(call) {
      const topic = findTopic(topics, readInput(byTopic, call, 'InvalidParameter').TopicArn)
      return {
        Subscriptions: topic.subscriptions.map((subscription) => ({
          SubscriptionArn: subscription.token === undefined ? subscription.arn : 'PendingConfirmation',
          Owner: subscription.owner,
          Protocol: subscription.protocol,
          Endpoint: subscription.endpoint,
          TopicArn: subscription.topicArn,
        })),
      }
    },
  }
}
