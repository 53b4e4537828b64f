/**
 * SNS. IAM authorises calls on a subscription on its topic. The ARN of a subscription starts with the ARN of its topic.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'
import {
  arnOf,
  type Entry,
  entry,
  localArn,
  MalformedInputError,
  nameSchema,
  noInput,
  type Requirement,
  textSchema,
} from './entry.ts'

function onTopic(action: string, text: string, field: string, context: Context = {}): Requirement[] {
  const { account, resource } = arnOf(text, 'sns', field)
  if (!/^[\w.-]+$/.test(resource)) throw new MalformedInputError(field, 'is not the ARN of a topic')
  return [{ action: `sns:${action}`, resource: text, resourceAccount: account, context }]
}

const ofTopic = (action: string): Entry =>
  entry([`sns:${action}`], v.object({ TopicArn: textSchema }), ({ TopicArn }) => onTopic(action, TopicArn, 'TopicArn'))

const ofSubscription = (action: string): Entry =>
  entry([`sns:${action}`], v.object({ SubscriptionArn: textSchema }), ({ SubscriptionArn }) => {
    const topic = SubscriptionArn.slice(0, SubscriptionArn.lastIndexOf(':'))
    return onTopic(action, topic, 'SubscriptionArn')
  })

const ofEverything = (action: string): Entry =>
  entry([`sns:${action}`], noInput, (_, { account }) => [
    { action: `sns:${action}`, resource: '*', resourceAccount: account, context: {} },
  ])

const publishInput = v.object({ TopicArn: v.optional(textSchema), TargetArn: v.optional(textSchema) })
const subscribeInput = v.object({ TopicArn: textSchema, Protocol: textSchema, Endpoint: v.optional(textSchema) })

export const sns: Readonly<Record<string, Entry>> = {
  Publish: entry(['sns:Publish'], publishInput, ({ TopicArn, TargetArn }) => {
    if (TopicArn === undefined && TargetArn === undefined) throw new MalformedInputError('TopicArn', 'is missing')
    return onTopic('Publish', TopicArn ?? TargetArn ?? '', 'TopicArn')
  }),
  PublishBatch: entry(['sns:Publish'], v.object({ TopicArn: textSchema }), ({ TopicArn }) =>
    onTopic('Publish', TopicArn, 'TopicArn'),
  ),
  Subscribe: entry(['sns:Subscribe'], subscribeInput, ({ TopicArn, Protocol, Endpoint }) =>
    onTopic('Subscribe', TopicArn, 'TopicArn', {
      'sns:Protocol': Protocol,
      ...(Endpoint === undefined ? {} : { 'sns:Endpoint': Endpoint }),
    }),
  ),
  CreateTopic: entry(['sns:CreateTopic'], v.object({ Name: nameSchema }), ({ Name }, place) =>
    onTopic('CreateTopic', localArn('sns', place, Name), 'Name'),
  ),
  Unsubscribe: ofSubscription('Unsubscribe'),
  GetSubscriptionAttributes: ofSubscription('GetSubscriptionAttributes'),
  SetSubscriptionAttributes: ofSubscription('SetSubscriptionAttributes'),
  ConfirmSubscription: ofTopic('ConfirmSubscription'),
  DeleteTopic: ofTopic('DeleteTopic'),
  GetTopicAttributes: ofTopic('GetTopicAttributes'),
  SetTopicAttributes: ofTopic('SetTopicAttributes'),
  ListSubscriptionsByTopic: ofTopic('ListSubscriptionsByTopic'),
  ListSubscriptions: ofEverything('ListSubscriptions'),
  ListTopics: ofEverything('ListTopics'),
}
