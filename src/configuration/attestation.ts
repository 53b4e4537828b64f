/**
 * Checks what SNS attests about a message that a customer's topic has delivered to our queue.
 *
 *     id                                                      facet     holds
 *     route#arn:aws:sns:…:111122223333:sesame-acme-feedback  feedback  project, subscription, former
 *
 * The queue accepts messages of these topics only. But the owner of a topic can switch it to raw delivery and send a text that looks like
 * the envelope of another topic. So an envelope must name the subscription that SNS delivered it for. SNS writes the subscription into
 * each envelope, and only we and the owner of that topic know it: docs/design/configuration.md#why-a-topic-in-the-customer-account
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { arnOf } from '../arn.ts'
import type { SesEvent } from '../intake/event.ts'
import { routeKey } from '../projects/routes.ts'
import { findItem, Text } from '../projects/table.ts'
import { createRecentlyUsed } from '../recently-used.ts'

export const feedbackFacet = 'feedback'

/**
 * The project of a customer's topic, and the ARN of our queue's subscription to the topic. Messages that a subscription delivered before it was
 * made anew can still be in the dead-letter queue, so its former ARNs are valid as well.
 */
export type FeedbackSource = {
  readonly project: string
  readonly subscription: string
  readonly former?: readonly string[]
}

/** The envelope of an event does not attest its project. The event is applied to no project. */
class UnattestedEventError extends Error {
  override readonly name = 'UnattestedEventError'
  readonly retryable = false
  readonly why: string

  constructor(why: string) {
    super(`Cannot attribute the event to a project: ${why}`)
    this.why = why
  }
}

/** Finds the feedback source of a topic. */
export const createSourceFinder =
  (dynamodb: DynamoDBClient, table: string) =>
  async (topicArn: string): Promise<FeedbackSource | undefined> => {
    const item = await findItem(dynamodb, table, routeKey(topicArn), feedbackFacet)
    if (!item) return undefined
    const { project, subscription, former } = v.parse(SourceItem, item)
    return { project: project.S, subscription: subscription.S, ...(former && { former: former.SS }) }
  }

const SourceItem = v.object({
  project: Text,
  subscription: Text,
  former: v.optional(v.object({ SS: v.array(v.string()) })),
})

/** What an SNS envelope says about its delivery. */
export type Delivered = { readonly topicArn?: string | undefined; readonly subscriptionArn?: string | undefined }

const cacheTtlMs = 5 * 60_000

/**
 * Checks events by their envelopes. Known topics are cached; unknown topics and other subscriptions are looked up each time.
 * @param capacity the maximum number of cached topics
 */
export function createAttestation(dynamodb: DynamoDBClient, table: string, now: () => Date, capacity = 10_000) {
  const find = createSourceFinder(dynamodb, table)
  const cache = createRecentlyUsed<{ source: FeedbackSource; at: number }>(capacity)

  async function sourceOf(topicArn: string, subscriptionArn: string): Promise<FeedbackSource | undefined> {
    const cached = cache.get(topicArn)
    const isFresh = cached && now().getTime() < cached.at + cacheTtlMs
    if (isFresh && cached.source.subscription === subscriptionArn) return cached.source
    const source = await find(topicArn)
    if (source) cache.set(topicArn, { source, at: now().getTime() })
    return source
  }

  return {
    /**
     * Checks that an event came from the topic of the project that owns it, in the account that sent the mail.
     * @param owner the project that owns the event by what SES says in it
     * @throws UnattestedEventError
     */
    async check({ mail }: SesEvent, { topicArn, subscriptionArn }: Delivered, owner: string): Promise<void> {
      if (topicArn === undefined || subscriptionArn === undefined)
        throw new UnattestedEventError('the message has no SNS envelope')
      if (arnOf(topicArn).account !== mail.sendingAccountId)
        throw new UnattestedEventError('the topic belongs to another account than the mail')
      const source = await sourceOf(topicArn, subscriptionArn)
      if (!source) throw new UnattestedEventError('no connected account has this topic')
      if (source.subscription !== subscriptionArn && !source.former?.includes(subscriptionArn))
        throw new UnattestedEventError('SNS did not deliver the message for our subscription')
      if (source.project !== owner) throw new UnattestedEventError('the topic belongs to another project than the mail')
    },
  }
}
