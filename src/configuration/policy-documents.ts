/**
 * The policy documents of our topics and of our queue, generated from the allowed sources. Pure.
 *
 * The second statement of each denies every caller that is not a service acting for an account, our own administrators included: only a
 * call that a service makes on behalf of a resource carries these condition keys. The template has the same statement
 * (infra/connected-topics.yml, infra/feedback-queue.yml), so topics and queue accept nothing before the first source is allowed.
 */
import type { AllowedSource } from './allowed-sources.ts'

const listed = (values: readonly string[]): string[] => [...new Set(values)].sort()

/** A resource policy as JSON. */
const policyOf = (arn: string, ...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Id: nameIn(arn), Statement: statements })

/** Denies every call without the condition key, which only a service that acts for a resource sends. */
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

/** SES may publish for one configuration set of each project. */
export function topicPolicy(topicArn: string, sources: readonly AllowedSource[]): string {
  const allowSources = {
    Sid: 'LetSesPublishForConnectedProjects',
    Effect: 'Allow',
    Principal: { Service: 'ses.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: topicArn,
    Condition: {
      StringEquals: {
        'aws:SourceAccount': listed(sources.map(({ account }) => account)),
        'aws:SourceArn': listed(sources.map(({ sourceArn }) => sourceArn)),
      },
    },
  }
  return policyOf(topicArn, ...(sources.length > 0 ? [allowSources] : []), refuseToPublish(topicArn))
}

/** SNS may deliver from one topic of each project. No account is named: the ARN of a topic contains it. */
export function queuePolicy(queueArn: string, sources: readonly AllowedSource[]): string {
  const allowSources = {
    Sid: 'LetSnsDeliverFromConnectedAccounts',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': listed(sources.map(({ sourceArn }) => sourceArn)) } },
  }
  const refuse = refuseAnyoneElse('RefuseToDeliverForAnyoneElse', 'sqs:SendMessage', queueArn, 'aws:SourceArn')
  return policyOf(queueArn, ...(sources.length > 0 ? [allowSources] : []), refuse)
}

/**
 * The policy of a topic in a customer's account: only SES may publish to it, for the project's configuration set; our account may
 * subscribe our queue, and nothing else.
 */
export function customerTopicPolicy(
  topicArn: string,
  { account, sourceArn }: Pick<AllowedSource, 'account' | 'sourceArn'>,
  subscriber: { readonly account: string; readonly partition: string; readonly queueArn: string },
): string {
  const { partition } = subscriber
  const allowPublish = {
    Sid: 'LetSesPublish',
    Effect: 'Allow',
    Principal: { Service: 'ses.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: topicArn,
    Condition: { StringEquals: { 'aws:SourceAccount': account, 'aws:SourceArn': sourceArn } },
  }
  const allowSubscribe = {
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
  return policyOf(topicArn, allowPublish, allowSubscribe, refuseToPublish(topicArn))
}

/** Whether two policies are equal, regardless of white space, the order of fields and values, and whether a single value is a list. */
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

/** The last part of an ARN: the name of a topic or queue. */
export const nameIn = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1)
