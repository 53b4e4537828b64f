/** Create, delete, list, describe and change topics. */
import * as v from 'valibot'
import { AwsError, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { createTopic, invalidParameter, setTopicAttributes, type Topic } from './topic.ts'

const byTopic = v.object({ TopicArn: v.string() })
const create = v.object({ Name: v.string(), Attributes: v.optional(v.record(v.string(), v.string()), {}) })
const setAttribute = v.object({
  ...byTopic.entries,
  AttributeName: v.string(),
  AttributeValue: v.optional(v.string(), ''),
})

/** @throws AwsError NotFound */
export function findTopic(topics: ReadonlyMap<string, Topic>, arn: string): Topic {
  const topic = topics.get(arn)
  if (topic) return topic
  throw new AwsError('NotFound', 'Topic does not exist', 404)
}

export function topicOperations(topics: Map<string, Topic>): Record<string, ServiceOperation> {
  return {
    CreateTopic(call) {
      const input = readInput(create, call, 'InvalidParameter')
      if (!/^[\w-]{1,256}$/.test(input.Name)) throw invalidParameter('Topic Name')
      const arn = `arn:aws:sns:${call.region}:${call.account}:${input.Name}`
      if (!topics.has(arn)) {
        const topic = createTopic(arn, call.account, input.Name)
        setTopicAttributes(topic, input.Attributes)
        topics.set(arn, topic)
      }
      return { TopicArn: arn }
    },
    DeleteTopic(call) {
      topics.delete(readInput(byTopic, call, 'InvalidParameter').TopicArn)
      return {}
    },
    ListTopics(call) {
      const own = [...topics.values()].filter(({ arn }) =>
        arn.startsWith(`arn:aws:sns:${call.region}:${call.account}:`),
      )
      return { Topics: own.map(({ arn }) => ({ TopicArn: arn })) }
    },
    GetTopicAttributes(call) {
      const topic = findTopic(topics, readInput(byTopic, call, 'InvalidParameter').TopicArn)
      const pending = topic.subscriptions.filter(({ token }) => token !== undefined).length
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
      const input = readInput(setAttribute, call, 'InvalidParameter')
      setTopicAttributes(findTopic(topics, input.TopicArn), { [input.AttributeName]: input.AttributeValue })
      return {}
    },
  }
}
