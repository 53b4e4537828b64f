/**
 * What SNS writes around a message in a queue: the topic, and the subscription that it was delivered for. Pure.
 *
 * With raw delivery there is no envelope, and the message itself may look like one: what stands here is worth as much as the secret in it.
 */
import * as v from 'valibot'

const Record = v.object({ body: v.string() })
const Envelope = v.object({ Type: v.literal('Notification'), TopicArn: v.string(), UnsubscribeURL: v.string() })

/**
 * @param record an SQS record of a Lambda event, or its body alone, as a dead letter is handed over. Nothing is known of any other.
 */
export function deliveryOf(record: unknown): { readonly topicArn?: string; readonly subscriptionArn?: string } {
  const envelope = v.safeParse(v.pipe(v.string(), v.parseJson(), Envelope), v.is(Record, record) ? record.body : record)
  if (!envelope.success) return {}
  const { TopicArn: topicArn, UnsubscribeURL: link } = envelope.output
  const subscriptionArn = URL.parse(link)?.searchParams.get('SubscriptionArn')
  return subscriptionArn ? { topicArn, subscriptionArn } : { topicArn }
}
