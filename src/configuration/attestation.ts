/**
 * What SNS attests of a message that a customer's topic has put into our queue.
 *
 *     id                                                       facet     holds
 *     route#arn:aws:sns:…:111122223333:sesame-acme-feedback  feedback  project, subscription
 *
 * The queue admits these topics only, but whoever owns a topic may have it deliver raw messages, which can look like the envelope of
 * another topic. So an envelope must name the subscription that it was delivered for, which SNS writes into each and which only we and the
 * owner of that topic know: docs/decisions/0102-the-second-way-in.md
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import type { SesEvent } from '../intake/event.ts'
import { routeKey } from '../projects/routes.ts'
import { createRecentlyUsed } from '../recently-used.ts'

export const feedbackFacet = 'feedback'

export type FeedbackSource = { readonly project: string; readonly subscription: string }

/** A message that its envelope does not attest, for the reason given. It goes to no project. */
class UnattestedEventError extends Error {
  override readonly name = 'UnattestedEventError'
  readonly retryable = false
  readonly why: string

  constructor(why: string) {
    super(`Nobody can say whose event this is: ${why}`)
    this.why = why
  }
}

/** Finds what is known of a topic. */
export const createSourceFinder =
  (dynamodb: DynamoDBClient, table: string) =>
  async (topicArn: string): Promise<FeedbackSource | undefined> => {
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'id = :topic AND facet = :feedback',
        ExpressionAttributeValues: { ':topic': { S: routeKey(topicArn) }, ':feedback': { S: feedbackFacet } },
        ConsistentRead: true,
      }),
    )
    if (!Items[0]) return undefined
    const { project, subscription } = v.parse(Item, Items[0])
    return { project: project.S, subscription: subscription.S }
  }

const Text = v.object({ S: v.string() })
const Item = v.object({ project: Text, subscription: Text })

/** What an SNS envelope says of its own way here. */
export type Delivered = { readonly topicArn?: string | undefined; readonly subscriptionArn?: string | undefined }

const believedMs = 5 * 60_000

/** Judges events by their envelopes. What is known of a topic is remembered for some minutes; that it is unknown is not. */
export function createAttestation(dynamodb: DynamoDBClient, table: string, now: () => Date, capacity = 10_000) {
  const find = createSourceFinder(dynamodb, table)
  const known = createRecentlyUsed<{ source: FeedbackSource; at: number }>(capacity)

  async function sourceOf(topicArn: string, subscriptionArn: string): Promise<FeedbackSource | undefined> {
    const cached = known.get(topicArn)
    const isFresh = cached && now().getTime() < cached.at + believedMs
    if (isFresh && cached.source.subscription === subscriptionArn) return cached.source
    const source = await find(topicArn)
    if (source) known.set(topicArn, { source, at: now().getTime() })
    return source
  }

  return {
    /**
     * The event, if it came from the topic of the very project that owns it, in the account that sent the mail.
     * @param owner of the event, by what SES says in it
     * @throws UnattestedEventError
     */
    async check({ mail }: SesEvent, { topicArn, subscriptionArn }: Delivered, owner: string): Promise<void> {
      if (topicArn === undefined || subscriptionArn === undefined)
        throw new UnattestedEventError('it came without the envelope of SNS')
      if (topicArn.split(':')[4] !== mail.sendingAccountId)
        throw new UnattestedEventError('the topic is of another account than the mail')
      const source = await sourceOf(topicArn, subscriptionArn)
      if (!source) throw new UnattestedEventError('no connected account has such a topic')
      if (source.subscription !== subscriptionArn)
        throw new UnattestedEventError('it was not delivered for our subscription')
      if (source.project !== owner) throw new UnattestedEventError('the topic is of another project than the mail')
    },
  }
}
