/**
 * The topic in a customer's account that SES publishes to if it does not publish to ours, and the subscription of our queue to it.
 *
 * The topic belongs to the customer, so each call has a session for one operation. Our own role subscribes our own queue, which the
 * topic's policy allows. So SNS asks for no confirmation, and Sesame never confirms a subscription.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html
 */
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  NotFoundException,
  paginateListSubscriptionsByTopic,
  SetTopicAttributesCommand,
  type SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import type { Purpose } from '../access/session/request.ts'
import { partitionOf, sessionStatementsOf } from '../access/session/session-policy.ts'
import type { SessionCredentials, Sessions, SessionTarget } from '../access/session/sessions.ts'
import { answered } from '../answered.ts'
import { feedbackTopicName } from './feedback-sources.ts'

type TopicOwner = Pick<SessionTarget, 'project' | 'account' | 'region'>

export const feedbackTopicArn = ({ project, account, region }: TopicOwner): string =>
  `arn:${partitionOf(region)}:sns:${region}:${account}:${feedbackTopicName(project)}`

export type CustomerTopic = ReturnType<typeof createCustomerTopic>

/**
 * @param snsIn creates a client for a region with the credentials of a session
 * @param ownSnsIn creates a client for a region with our own credentials
 */
export function createCustomerTopic(
  sessions: Pick<Sessions, 'use'>,
  snsIn: (region: string, credentials: SessionCredentials) => SNSClient,
  ownSnsIn: (region: string) => SNSClient,
) {
  function call<T>(target: SessionTarget, command: string, run: (sns: SNSClient) => Promise<T>): Promise<T> {
    const restriction = { topic: feedbackTopicName(target.project) }
    const purpose: Purpose = {
      name: 'configure',
      seconds: 900,
      allow: sessionStatementsOf(target, [`sns:${command}`], restriction),
    }
    return sessions.use(target, purpose, (credentials) => run(snsIn(target.region, credentials)))
  }

  return {
    /** The policy and the KMS key of the topic; `undefined` if the topic does not exist. */
    async find(
      target: SessionTarget,
    ): Promise<{ readonly policy: string | undefined; readonly key: string | undefined } | undefined> {
      return call(target, 'GetTopicAttributes', async (sns) => {
        try {
          const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: feedbackTopicArn(target) }))
          const { Policy: policy, KmsMasterKeyId } = answered(Attributes, 'GetTopicAttributes: Attributes')
          return { policy, key: KmsMasterKeyId || undefined }
        } catch (error) {
          if (error instanceof NotFoundException) return undefined
          throw error
        }
      })
    },

    /** Idempotent. */
    async create(target: SessionTarget): Promise<void> {
      await call(target, 'CreateTopic', (sns) =>
        sns.send(new CreateTopicCommand({ Name: feedbackTopicName(target.project) })),
      )
    },

    async setPolicy(target: SessionTarget, text: string): Promise<void> {
      const input = { TopicArn: feedbackTopicArn(target), AttributeName: 'Policy', AttributeValue: text }
      await call(target, 'SetTopicAttributes', (sns) => sns.send(new SetTopicAttributesCommand(input)))
    },

    /** Ends the encryption with a KMS key. Idempotent. */
    async removeKey(target: SessionTarget): Promise<void> {
      const input = { TopicArn: feedbackTopicArn(target), AttributeName: 'KmsMasterKeyId', AttributeValue: '' }
      await call(target, 'SetTopicAttributes', (sns) => sns.send(new SetTopicAttributesCommand(input)))
    },

    /** The ARN of a queue's subscription to the topic; `undefined` if there is none. */
    async subscriptionOf(target: SessionTarget, queueArn: string): Promise<string | undefined> {
      return call(target, 'ListSubscriptionsByTopic', async (client) => {
        for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
          { client },
          { TopicArn: feedbackTopicArn(target) },
        )) {
          const found = Subscriptions.find(
            ({ Endpoint, SubscriptionArn }) => Endpoint === queueArn && SubscriptionArn?.startsWith('arn:'),
          )
          if (found) return found.SubscriptionArn
        }
        return undefined
      })
    },

    /**
     * Subscribes our queue. Idempotent: a repeated call returns the same subscription.
     * @returns the ARN of the subscription
     */
    async subscribe(target: TopicOwner, queueArn: string): Promise<string> {
      const { SubscriptionArn } = await ownSnsIn(target.region).send(
        new SubscribeCommand({
          TopicArn: feedbackTopicArn(target),
          Protocol: 'sqs',
          Endpoint: queueArn,
          ReturnSubscriptionArn: true,
        }),
      )
      if (SubscriptionArn?.startsWith('arn:')) return SubscriptionArn
      throw new Error('SNS returned no ARN of the subscription')
    },

    /** Deletes the topic and its subscriptions. Idempotent. */
    async remove(target: SessionTarget): Promise<void> {
      await call(target, 'DeleteTopic', (sns) =>
        sns.send(new DeleteTopicCommand({ TopicArn: feedbackTopicArn(target) })),
      )
    },
  }
}
