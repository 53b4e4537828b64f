/** Our topics and our queue in AWS: each is the owner of a policy, with the size limit that AWS has for it. */
import { GetTopicAttributesCommand, SetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { answered } from '../answered.ts'
import { nameIn, queuePolicy, topicPolicy } from './policy-documents.ts'
import type { PolicyOwner } from './resource-policies.ts'

/** The events that we configure SES to publish, and the event destination of each. */
export const feedback = [
  { type: 'BOUNCE', destination: 'sesame-bounces' },
  { type: 'COMPLAINT', destination: 'sesame-complaints' },
] as const
export type FeedbackType = (typeof feedback)[number]['type']

/** What a topic is for: each kind of feedback has its own, and activity has one for events of all types. */
export type TopicKind = FeedbackType | 'ACTIVITY'

type Encryptable = {
  /** The KMS key that encrypts the topic or queue; `undefined` if there is none. Throws if there is no such topic or queue. */
  readonly keyOf: (arn: string) => Promise<string | undefined>
  /** Ends the encryption with a KMS key. Idempotent. */
  readonly removeKey: (arn: string) => Promise<void>
}

/** A topic for bounces, one for complaints and one for activity, whose policies allow the same sources. */
export type TopicPair = PolicyOwner & Encryptable & { readonly topics: Readonly<Record<TopicKind, string>> }

/**
 * In characters. AWS limits a topic policy to 30 KB; the difference is a reserve for a different count.
 * https://docs.aws.amazon.com/general/latest/gr/sns.html
 */
const topicPolicyLimit = 30_000

/**
 * In characters. AWS limits a queue policy to 8,192 bytes.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
 */
const queuePolicyLimit = 8_000

/** ARNs of topics by kind, each list in the order of the pairs. */
export type TopicArns = {
  readonly bounces: readonly string[]
  readonly complaints: readonly string[]
  readonly activity: readonly string[]
}

export function createTopicPairs(sns: SNSClient, { bounces, complaints, activity }: TopicArns): TopicPair[] {
  return bounces.flatMap((BOUNCE, i) => {
    const COMPLAINT = complaints[i]
    const ACTIVITY = activity[i]
    if (COMPLAINT === undefined || ACTIVITY === undefined) return []
    return {
      topics: { BOUNCE, COMPLAINT, ACTIVITY },
      key: `topics-${i + 1}`,
      name: `${nameIn(BOUNCE)} and ${nameIn(COMPLAINT)}`,
      limit: topicPolicyLimit,
      policies: (sources) => [BOUNCE, COMPLAINT, ACTIVITY].map((arn) => ({ arn, text: topicPolicy(arn, sources) })),
      async read(TopicArn) {
        const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }))
        return answered(Attributes, 'GetTopicAttributes: Attributes').Policy
      },
      async write(TopicArn, AttributeValue) {
        await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }))
      },
      async keyOf(TopicArn) {
        const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }))
        return answered(Attributes, 'GetTopicAttributes: Attributes').KmsMasterKeyId || undefined
      },
      async removeKey(TopicArn) {
        await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'KmsMasterKeyId', AttributeValue: '' }))
      },
    }
  })
}

export type FeedbackQueue = PolicyOwner & Encryptable & { readonly arn: string }

/** @param QueueUrl as CloudFormation returns it */
export function createFeedbackQueue(sqs: SQSClient, arn: string, QueueUrl: string): FeedbackQueue {
  return {
    arn,
    key: 'queue',
    name: nameIn(arn),
    limit: queuePolicyLimit,
    policies: (sources) => [{ arn, text: queuePolicy(arn, sources) }],
    async read() {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }))
      return Attributes?.Policy
    },
    async write(_, Policy) {
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
    },
    async keyOf() {
      // SQS leaves out an attribute that is not set, and all of them if none is: the ARN shows that it answered.
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['KmsMasterKeyId', 'QueueArn'] }),
      )
      return answered(Attributes, 'GetQueueAttributes: Attributes').KmsMasterKeyId || undefined
    },
    async removeKey() {
      // The queue is encrypted with a key of SQS then, as the template has it.
      await sqs.send(
        new SetQueueAttributesCommand({ QueueUrl, Attributes: { KmsMasterKeyId: '', SqsManagedSseEnabled: 'true' } }),
      )
    },
  }
}
