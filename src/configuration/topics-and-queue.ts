/** Our topics and our queue as AWS keeps them, each a door with the policy that AWS gives room for. */
import { GetTopicAttributesCommand, SetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { nameIn, queuePolicy, topicPolicy } from './policy-documents.ts'
import type { PolicyOwner } from './resource-policies.ts'

/** The events that we ask SES for, and the topics that they go to. More come with what needs them. */
export const feedback = [
  { type: 'BOUNCE', destination: 'sesame-bounces' },
  { type: 'COMPLAINT', destination: 'sesame-complaints' },
] as const
export type FeedbackType = (typeof feedback)[number]['type']

/** Two topics with one policy each, the same for both. */
export type TopicPair = PolicyOwner & { readonly topics: Readonly<Record<FeedbackType, string>> }

/**
 * https://docs.aws.amazon.com/general/latest/gr/sns.html: a topic policy has 30 KB. Some is left for what AWS may count differently.
 */
const topicPolicyLimit = 30_000

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html: 8,192 bytes. */
const queuePolicyLimit = 8_000

/**
 * @param bounces ARNs of the topics for bounces, the first pair's first
 * @param complaints as many, in the same order
 */
export function createTopicPairs(
  sns: SNSClient,
  bounces: readonly string[],
  complaints: readonly string[],
): TopicPair[] {
  return bounces.flatMap((BOUNCE, i) => {
    const COMPLAINT = complaints[i]
    if (COMPLAINT === undefined) return []
    return {
      topics: { BOUNCE, COMPLAINT },
      place: `topics-${i + 1}`,
      name: `${nameIn(BOUNCE)} and ${nameIn(COMPLAINT)}`,
      limit: topicPolicyLimit,
      policies: (admitted) => [BOUNCE, COMPLAINT].map((arn) => ({ arn, text: topicPolicy(arn, admitted) })),
      async read(TopicArn) {
        const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }))
        return Attributes?.Policy
      },
      async write(TopicArn, AttributeValue) {
        await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }))
      },
    }
  })
}

export type FeedbackQueue = PolicyOwner & { readonly arn: string }

/** @param QueueUrl as CloudFormation gives it */
export function createFeedbackQueue(sqs: SQSClient, arn: string, QueueUrl: string): FeedbackQueue {
  return {
    arn,
    place: 'queue',
    name: nameIn(arn),
    limit: queuePolicyLimit,
    policies: (admitted) => [{ arn, text: queuePolicy(arn, admitted) }],
    async read() {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }))
      return Attributes?.Policy
    },
    async write(_, Policy) {
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
    },
  }
}
