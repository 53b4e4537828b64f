/**
 * Reads the topic and the subscription of a message from its SNS envelope. Pure.
 *
 * With raw delivery there is no envelope, and the message itself can imitate one. So the envelope proves something only if it contains a
 * subscription ARN that outsiders do not know.
 */
import * as v from 'valibot'

const Record = v.object({ body: v.string() })
const Envelope = v.object({ Type: v.literal('Notification'), TopicArn: v.string(), UnsubscribeURL: v.string() })

/**
 * @param record an SQS record of a Lambda event, or its body alone, as `sesame replay` passes a dead letter. Of any other, both are absent.
 */
export function deliveryOf(record: unknown): { readonly topicArn?: string; readonly subscriptionArn?: string } {
  const envelope = v.safeParse(v.pipe(v.string(), v.parseJson(), Envelope), v.is(Record, record) ? record.body : record)
  if (!envelope.success) return {}
  const { TopicArn: topicArn, UnsubscribeURL: link } = envelope.output
  const subscriptionArn = URL.parse(link)?.searchParams.get('SubscriptionArn')
  return subscriptionArn ? { topicArn, subscriptionArn } : { topicArn }
}
