/** Topics, their attributes and their subscriptions. What the embedded AWS would not act on (filters, FIFO) is refused. */
import * as v from 'valibot'
import { parseJson } from '../input.ts'
import { AwsError } from '../service.ts'

export type Topic = {
  readonly arn: string
  readonly account: string
  readonly name: string
  attributes: Readonly<Record<string, string>>
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
  /** Set until the endpoint's owner has confirmed. */
  token?: string
}

/** SNS's own bound on a topic policy. */
const MAXIMUM_POLICY_BYTES = 30_720

const topicAttributes = [
  'Policy',
  'DisplayName',
  'KmsMasterKeyId',
  'SignatureVersion',
  'TracingConfig',
  'DeliveryPolicy',
  'LambdaSuccessFeedbackSampleRate',
]

const redrivePolicy = v.object({
  deadLetterTargetArn: v.pipe(v.string(), v.regex(/^arn:aws:sqs:[^:]+:\d{12}:[\w-]+$/)),
})

export const invalid = (message: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${message}`)

/** `current` with `changes` over it. Throws InvalidParameter for an attribute that is unknown or a policy that is none. */
export function withTopicAttributes(
  current: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
): Record<string, string> {
  for (const [name, value] of Object.entries(changes)) {
    if (!topicAttributes.includes(name)) throw invalid('AttributeName')
    if (name !== 'Policy') continue
    if (parseJson(value) === undefined) throw invalid('Policy statement could not be read as JSON')
    if (Buffer.byteLength(value) > MAXIMUM_POLICY_BYTES) throw invalid('Policy is too large')
  }
  return { ...current, ...changes }
}

/** The policy of a topic that was given none: its own account, nobody else. */
export function defaultPolicy(arn: string, account: string): string {
  const action = ['Publish', 'RemovePermission', 'SetTopicAttributes', 'DeleteTopic', 'ListSubscriptionsByTopic']
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [...action, 'GetTopicAttributes', 'AddPermission', 'Subscribe'].map((name) => `SNS:${name}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  })
}

/** What a subscription's attributes ask for. Throws InvalidParameter for what is not supported here. */
export function subscriptionOptions(attributes: Readonly<Record<string, string>>): {
  raw: boolean
  deadLetterArn?: string
} {
  let deadLetterArn: string | undefined
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'RawMessageDelivery') continue
    if (name !== 'RedrivePolicy') throw invalid(`Attributes Reason: ${name} is not supported here`)
    const policy = v.safeParse(redrivePolicy, parseJson(value))
    if (!policy.success)
      throw invalid('Attributes Reason: RedrivePolicy: deadLetterTargetArn must be the ARN of a queue')
    deadLetterArn = policy.output.deadLetterTargetArn
  }
  return { raw: attributes.RawMessageDelivery === 'true', ...(deadLetterArn && { deadLetterArn }) }
}
