/** What SNS keeps between runs: the policies of the deployed topics, all other topics, and the subscriptions that nobody deployed. */
import * as v from 'valibot'
import type { KeptState } from '../service.ts'
import { createTopic, setTopicAttributes, type Topic } from './topic.ts'

const subscription = v.object({
  arn: v.string(),
  topicArn: v.string(),
  protocol: v.picklist(['lambda', 'sqs']),
  endpoint: v.string(),
  owner: v.string(),
  raw: v.boolean(),
  deadLetterArn: v.exactOptional(v.string()),
  token: v.exactOptional(v.string()),
})
const kept = v.array(
  v.object({
    arn: v.string(),
    account: v.string(),
    name: v.string(),
    attributes: v.record(v.string(), v.string()),
    subscriptions: v.array(subscription),
  }),
)

/** @param topics as the deployment made them */
export function keptSnsState(topics: Map<string, Topic>): KeptState {
  return {
    dump: () =>
      [...topics.values()].map(({ arn, account, name, attributes, subscriptions }) => ({
        arn,
        account,
        name,
        attributes,
        subscriptions,
      })),
    restore(value) {
      for (const { arn, account, name, attributes, subscriptions } of v.parse(kept, value)) {
        const deployed = topics.get(arn)
        const topic = deployed ?? createTopic(arn, account, name)
        const { Policy } = attributes
        setTopicAttributes(topic, deployed ? { ...(Policy !== undefined && { Policy }) } : attributes)
        const isThere = ({ protocol, endpoint }: (typeof subscriptions)[number]) =>
          topic.subscriptions.some((other) => other.protocol === protocol && other.endpoint === endpoint)
        for (const one of subscriptions) if (!isThere(one)) topic.subscriptions.push(one)
        topics.set(arn, topic)
      }
    },
  }
}
