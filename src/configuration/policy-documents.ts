/**
 * The policies of our topics and of our queue: who is let in, made of the list of those who are. Pure.
 *
 * The second statement of each keeps out whoever is no service acting for an account, our own administrators included: only calls that a
 * service makes on behalf of something carry these keys. It stands in the template too (infra/connected-topics.yml,
 * infra/feedback-queue.yml), so the doors are closed before anybody is let in.
 */
import type { AllowedSource } from './allowed-sources.ts'

const listed = (values: readonly string[]): string[] => [...new Set(values)].sort()

/** A resource's policy as the text that AWS takes. */
const policyOf = (arn: string, ...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Id: nameIn(arn), Statement: statements })

/** Keeps out whoever is no service acting for somebody: only such a call carries the key. */
const refuseAnyoneElse = (Sid: string, Action: string, Resource: string, key: string): object => ({
  Sid,
  Effect: 'Deny',
  Principal: '*',
  Action,
  Resource,
  Condition: { Null: { [key]: 'true' } },
})

const refuseToPublish = (topicArn: string): object =>
  refuseAnyoneElse('RefuseToPublishForAnyoneElse', 'sns:Publish', topicArn, 'aws:SourceAccount')

/** SES may publish for these configuration sets of these accounts: exactly one for each project. */
export function topicPolicy(topicArn: string, admitted: readonly AllowedSource[]): string {
  const letIn = {
    Sid: 'LetSesPublishForConnectedProjects',
    Effect: 'Allow',
    Principal: { Service: 'ses.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: topicArn,
    Condition: {
      StringEquals: {
        'aws:SourceAccount': listed(admitted.map(({ account }) => account)),
        'aws:SourceArn': listed(admitted.map(({ source }) => source)),
      },
    },
  }
  return policyOf(topicArn, ...(admitted.length > 0 ? [letIn] : []), refuseToPublish(topicArn))
}

/** SNS may deliver from these topics: exactly one for each project. The ARN of a topic names its account. */
export function queuePolicy(queueArn: string, admitted: readonly AllowedSource[]): string {
  const letIn = {
    Sid: 'LetSnsDeliverFromConnectedAccounts',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': listed(admitted.map(({ source }) => source)) } },
  }
  const refuse = refuseAnyoneElse('RefuseToDeliverForAnyoneElse', 'sqs:SendMessage', queueArn, 'aws:SourceArn')
  return policyOf(queueArn, ...(admitted.length > 0 ? [letIn] : []), refuse)
}

/**
 * The policy of a topic in a customer's account: SES publishes to it for the project's configuration set and nobody else does; our
 * account may subscribe our queue, and nothing else.
 */
export function customerTopicPolicy(
  topicArn: string,
  { account, source }: Pick<AllowedSource, 'account' | 'source'>,
  subscriber: { readonly account: string; readonly partition: string; readonly queueArn: string },
): string {
  const { partition } = subscriber
  const letSesPublish = {
    Sid: 'LetSesPublish',
    Effect: 'Allow',
    Principal: { Service: 'ses.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: topicArn,
    Condition: { StringEquals: { 'aws:SourceAccount': account, 'aws:SourceArn': source } },
  }
  const letSesameSubscribe = {
    Sid: 'LetSesameSubscribeItsQueue',
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${subscriber.account}:root` },
    Action: 'sns:Subscribe',
    Resource: topicArn,
    Condition: {
      ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::${subscriber.account}:role/sesame/*` },
      StringEquals: { 'sns:Protocol': 'sqs', 'sns:Endpoint': subscriber.queueArn },
    },
  }
  return policyOf(topicArn, letSesPublish, letSesameSubscribe, refuseToPublish(topicArn))
}

/** Whether two texts say the same, whatever their spaces, the order of fields and of values, or a list of one. */
export function samePolicy(one: string | undefined, other: string): boolean {
  if (one === other) return true
  return one !== undefined && canonical(one) === canonical(other)
}

function canonical(text: string): string | undefined {
  try {
    return JSON.stringify(sorted(JSON.parse(text)))
  } catch {
    return undefined
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => JSON.stringify(sorted(item))).sort()
    return items.length === 1 ? sorted(value[0]) : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .map(([key, one]) => [key, sorted(one)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

/** The name at the end of an ARN. */
export const nameIn = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1)
