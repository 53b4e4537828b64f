/** Topics, their attributes and their subscriptions. Attributes that the embedded AWS would ignore (filters, FIFO) are refused. */
import * as v from 'valibot'
import type { NamedPolicy } from '../../src/policy/document.ts'
import { readResourcePolicy } from '../resource-policy.ts'
import { AwsError } from '../service.ts'
import { tryParseJson } from '../wire/input.ts'

export type Topic = {
  readonly arn: string
  readonly account: string
  readonly name: string
  attributes: Readonly<Record<string, string>>
  policy: NamedPolicy
  subscriptions: Subscription[]
}

export type Subscription = {
  readonly arn: string
  readonly topicArn: string
  readonly protocol: 'lambda' | 'sqs'
  readonly endpoint: string
  readonly owner: string
  readonly raw: boolean
  readonly deadLetterArn?: string
  /** Set until the owner of the endpoint confirms. */
  token?: string
}

/** The limit of SNS for a topic policy. */
const MAXIMUM_POLICY_BYTES = 30_720

const topicAttributes = [
  'Policy',
  'DisplayName',
  'KmsMasterKeyId',
  'SignatureVersion',
  'TracingConfig',
  'DeliveryPolicy',
  'LambdaFailureFeedbackRoleArn',
  'LambdaSuccessFeedbackSampleRate',
]

const redrivePolicy = v.object({
  deadLetterTargetArn: v.pipe(v.string(), v.regex(/^arn:aws:sqs:[^:]+:\d{12}:[\w-]+$/)),
})

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: ${message}`)

/**
 * Changes attributes of a topic, including its policy.
 *
 * @throws AwsError InvalidParameter for an unknown attribute or an invalid policy
 */
export function setTopicAttributes(topic: Topic, changes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(changes)) {
    if (!topicAttributes.includes(name)) throw invalidParameter('AttributeName')
    if (name !== 'Policy') continue
    if (Buffer.byteLength(value) > MAXIMUM_POLICY_BYTES) throw invalidParameter('Policy is too large')
    topic.policy = readResourcePolicy(topic.policy.name, value, (problem) =>
      invalidParameter(`Policy statement: ${problem}`),
    )
  }
  topic.attributes = { ...topic.attributes, ...changes }
}

/** A topic with AWS's default policy, which allows only its own account. */
export function createTopic(arn: string, account: string, name: string): Topic {
  const Policy = defaultPolicy(arn, account)
  const policy = readResourcePolicy(`policy of topic ${name}`, Policy, invalidParameter)
  return { arn, account, name, policy, attributes: { Policy, DisplayName: '' }, subscriptions: [] }
}

function defaultPolicy(arn: string, account: string): string {
  const actions = ['Publish', 'RemovePermission', 'SetTopicAttributes', 'DeleteTopic', 'ListSubscriptionsByTopic']
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [...actions, 'GetTopicAttributes', 'AddPermission', 'Subscribe'].map((name) => `SNS:${name}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  })
}

/**
 * Reads the attributes of a subscription.
 *
 * @throws AwsError InvalidParameter for an attribute that the embedded AWS does not support
 */
export function readSubscriptionAttributes(attributes: Readonly<Record<string, string>>): {
  raw: boolean
  deadLetterArn?: string
} {
  let deadLetterArn: string | undefined
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'RawMessageDelivery') continue
    if (name !== 'RedrivePolicy') throw invalidParameter(`Attributes Reason: the embedded AWS does not support ${name}`)
    const policy = v.safeParse(redrivePolicy, tryParseJson(value))
    if (!policy.success)
      throw invalidParameter('Attributes Reason: RedrivePolicy: deadLetterTargetArn must be the ARN of a queue')
    deadLetterArn = policy.output.deadLetterTargetArn
  }
  return { raw: attributes.RawMessageDelivery === 'true', ...(deadLetterArn && { deadLetterArn }) }
}
