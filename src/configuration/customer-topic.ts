/**
 * The topic in a customer's account that SES publishes to where it does not publish to ours, and our queue's subscription to it.
 *
 * The topic is the customer's, so it is kept in sessions of one operation each. The subscription is ours: our own role subscribes our
 * own queue, which the topic's policy permits, so nothing needs a confirmation, and none is ever given to anybody.
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
import { partitionOf, sessionStatementsOf } from '../access/session/session-policy.ts'
import type { SessionCredentials, Sessions, SessionTarget } from '../access/session/sessions.ts'
import { feedbackTopicName } from './feedback-sources.ts'

type Place = Pick<SessionTarget, 'project' | 'account' | 'region'>

export const feedbackTopicArn = ({ project, account, region }: Place): string =>
  `arn:${partitionOf(region)}:sns:${region}:${account}:${feedbackTopicName(project)}`

export type CustomerTopic = ReturnType<typeof createCustomerTopic>

/**
 * @param snsIn a client for a region with the credentials of a session
 * @param ourSns a client for a region with our own
 */
export function createCustomerTopic(
  sessions: Pick<Sessions, 'use'>,
  snsIn: (region: string, credentials: SessionCredentials) => SNSClient,
  ourSns: (region: string) => SNSClient,
) {
  function call<T>(to: SessionTarget, command: string, run: (sns: SNSClient) => Promise<T>): Promise<T> {
    const only = { topic: feedbackTopicName(to.project) }
    const purpose = { name: 'configure', seconds: 900, allow: sessionStatementsOf(to, [`sns:${command}`], only) }
    return sessions.use(to, purpose, (credentials) => run(snsIn(to.region, credentials)))
  }

  return {
    /** `undefined` if there is no such topic. */
    async policy(to: SessionTarget): Promise<{ readonly text: string | undefined } | undefined> {
      return call(to, 'GetTopicAttributes', async (sns) => {
        try {
          const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: feedbackTopicArn(to) }))
          return { text: Attributes?.Policy }
        } catch (error) {
          if (error instanceof NotFoundException) return undefined
          throw error
        }
      })
    },

    /** Repeating it changes nothing. */
    async create(to: SessionTarget): Promise<void> {
      await call(to, 'CreateTopic', (sns) => sns.send(new CreateTopicCommand({ Name: feedbackTopicName(to.project) })))
    },

    async setPolicy(to: SessionTarget, text: string): Promise<void> {
      const input = { TopicArn: feedbackTopicArn(to), AttributeName: 'Policy', AttributeValue: text }
      await call(to, 'SetTopicAttributes', (sns) => sns.send(new SetTopicAttributesCommand(input)))
    },

    /** The subscription of a queue to the topic, if it has one. */
    async subscriptionOf(to: SessionTarget, queueArn: string): Promise<string | undefined> {
      return call(to, 'ListSubscriptionsByTopic', async (client) => {
        for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
          { client },
          { TopicArn: feedbackTopicArn(to) },
        )) {
          const found = Subscriptions.find(
            ({ Endpoint, SubscriptionArn }) => Endpoint === queueArn && SubscriptionArn?.startsWith('arn:'),
          )
          if (found) return found.SubscriptionArn
        }
        return undefined
      })
    },

    /** Subscribes our queue. Repeating it answers the same subscription. */
    async subscribe(to: Place, queueArn: string): Promise<string> {
      const { SubscriptionArn } = await ourSns(to.region).send(
        new SubscribeCommand({
          TopicArn: feedbackTopicArn(to),
          Protocol: 'sqs',
          Endpoint: queueArn,
          ReturnSubscriptionArn: true,
        }),
      )
      if (SubscriptionArn?.startsWith('arn:')) return SubscriptionArn
      throw new Error('SNS answered no subscription')
    },

    /** The topic and its subscriptions. Repeating it changes nothing. */
    async remove(to: SessionTarget): Promise<void> {
      await call(to, 'DeleteTopic', (sns) => sns.send(new DeleteTopicCommand({ TopicArn: feedbackTopicArn(to) })))
    },
  }
}
