/** The delivery path through a topic in the customer's account, to which our queue is subscribed. */
import { arnOf } from '../arn.ts'
import type { Connection, UsableConnection } from '../projects/connection.ts'
import type { AllowedSources } from './allowed-sources.ts'
import { type CustomerTopic, feedbackTopicArn } from './customer-topic.ts'
import { type DeliveryPath, sourceArnOf } from './delivery-path.ts'
import type { Drift } from './drift.ts'
import type { createFeedbackSources } from './feedback-sources.ts'
import { keyDrift } from './key-drift.ts'
import { customerTopicPolicy, samePolicy } from './policy-documents.ts'
import { allowSource, revokeSource, updatePolicy } from './resource-policies.ts'
import type { FeedbackQueue } from './topics-and-queue.ts'

const remedy =
  'Connect the project with --topics ours, or deploy another stage for it: docs/design/configuration.md#why-a-topic-in-the-customer-account'

type CustomerTopicPathDependencies = {
  readonly queue: FeedbackQueue
  readonly allowedSources: AllowedSources
  readonly topic: CustomerTopic
  readonly feedbackSources: ReturnType<typeof createFeedbackSources>
}

export function createCustomerTopicPath({
  queue,
  allowedSources,
  topic,
  feedbackSources,
}: CustomerTopicPathDependencies): DeliveryPath {
  const { partition, account: ourAccount } = arnOf(queue.arn)

  return {
    async drift(connection) {
      const ofTopic = await topicDrift(connection)
      const topicExists = !ofTopic.some(({ kind }) => kind === 'topic missing')
      return [
        ...ofTopic,
        ...(await queueDrift(connection)),
        ...(await queueKeyDrift()),
        ...(await subscriptionDrift(connection, topicExists)),
      ]
    },

    // The function behind our queue records feedback only.
    topicsFor: async (connection, kind) => (kind === 'ACTIVITY' ? [] : [feedbackTopicArn(connection)]),

    async leftovers(connection) {
      const sources = await allowedSources.list(queue.key)
      if (!sources.some(({ project }) => project === connection.project)) return []
      const topicArn = feedbackTopicArn(connection)
      const repair = async () => {
        await topic.remove(connection)
        await remove(connection)
        return `deleted the topic ${topicArn} and its subscription`
      }
      return [
        {
          kind: 'unused path',
          text: `The topic ${topicArn} still exists, although ${connection.project} uses our topics`,
          repair,
        },
      ]
    },

    remove,
  }

  async function topicDrift(connection: UsableConnection): Promise<Drift[]> {
    const topicArn = feedbackTopicArn(connection)
    const expected = customerTopicPolicy(
      topicArn,
      { account: connection.account, sourceArn: sourceArnOf(connection) },
      { account: ourAccount, partition, queueArn: queue.arn },
    )
    const found = await topic.find(connection)
    if (!found)
      return [
        {
          kind: 'topic missing',
          text: `The topic ${topicArn} does not exist`,
          repair: async () => {
            await topic.create(connection)
            await topic.setPolicy(connection, expected)
            return `created the topic ${topicArn}`
          },
        },
      ]
    const ofKey = keyDrift({
      what: `topic ${topicArn}`,
      key: found.key,
      service: 'ses.amazonaws.com',
      removeKey: () => topic.removeKey(connection),
    })
    if (samePolicy(found.policy, expected)) return ofKey
    return [
      ...ofKey,
      {
        kind: 'topic policy changed',
        text: `The policy of the topic ${topicArn} is not the one that we set`,
        repair: async () => {
          await topic.setPolicy(connection, expected)
          return `restored the policy of ${topicArn}`
        },
      },
    ]
  }

  async function queueDrift(connection: UsableConnection): Promise<Drift[]> {
    const { project, account } = connection
    const sourceArn = feedbackTopicArn(connection)
    const sources = await allowedSources.list(queue.key)
    const [expected] = queue.policies(sources)
    if (!sources.some((source) => source.project === project && source.sourceArn === sourceArn))
      return [
        {
          kind: 'not allowed',
          text: `The policy of our queue does not allow ${sourceArn}`,
          repair: async () => {
            await allowSource([queue], allowedSources, { project, account, sourceArn }, remedy)
            return `allowed SNS to deliver events of ${project} to our queue ${queue.name}`
          },
        },
      ]
    if (expected && samePolicy(await queue.read(queue.arn), expected.text)) return []
    return [
      {
        kind: 'policy changed',
        text: `The policy of our queue ${queue.name} is not the one that we set: it may refuse events of ${project}`,
        repair: async () => {
          await updatePolicy(queue, allowedSources)
          return `restored the policy of our queue ${queue.name}`
        },
      },
    ]
  }

  async function queueKeyDrift(): Promise<Drift[]> {
    const key = await queue.keyOf(queue.arn)
    const removeKey = () => queue.removeKey(queue.arn)
    return keyDrift({ what: `queue ${queue.name}`, key, service: 'sns.amazonaws.com', removeKey })
  }

  async function subscriptionDrift(connection: UsableConnection, topicExists: boolean): Promise<Drift[]> {
    const topicArn = feedbackTopicArn(connection)
    const found = topicExists ? await topic.subscriptionOf(connection, queue.arn) : undefined
    const stored = await feedbackSources.find(topicArn)
    if (found !== undefined && stored?.subscription === found) return []
    return [
      {
        kind: 'subscription missing',
        text: `Our queue ${queue.name} is not subscribed to ${topicArn}`,
        repair: async () => {
          const subscription = await topic.subscribe(connection, queue.arn)
          await feedbackSources.put(topicArn, { project: connection.project, subscription })
          return `subscribed our queue to ${topicArn}`
        },
      },
    ]
  }

  async function remove(connection: Connection): Promise<void> {
    await revokeSource([queue], allowedSources, connection.project)
    await feedbackSources.remove(feedbackTopicArn(connection), connection.project)
  }
}
