/** What SQS keeps between runs: the messages and policies of the deployed queues, and all other queues. */
import * as v from 'valibot'
import type { KeptState } from '../service.ts'
import { messageAttributesSchema } from './message-attributes.ts'
import { type Queue, setQueueAttributes } from './queue.ts'

const message = v.object({
  id: v.string(),
  body: v.string(),
  attributes: messageAttributesSchema,
  senderId: v.string(),
  sentAt: v.date(),
  visibleAt: v.date(),
  isPostponed: v.exactOptional(v.boolean()),
  receiveCount: v.number(),
  firstReceivedAt: v.exactOptional(v.date()),
  receiptHandle: v.exactOptional(v.string()),
  deadLetterSource: v.exactOptional(v.string()),
})
const kept = v.array(
  v.object({
    arn: v.string(),
    account: v.string(),
    name: v.string(),
    createdAt: v.date(),
    changedAt: v.date(),
    attributes: v.record(v.string(), v.string()),
    messages: v.array(message),
  }),
)

/** @param queues as the deployment made them */
export function keptSqsState(queues: Map<string, Queue>): KeptState {
  return {
    dump: () => [...queues.values()].map(({ policy: _, ...queue }) => queue),
    restore(value) {
      for (const { attributes, messages, ...rest } of v.parse(kept, value)) {
        const deployed = queues.get(rest.arn)
        const queue: Queue = deployed ?? { ...rest, attributes, messages: [] }
        const { Policy } = attributes
        setQueueAttributes(queue, deployed ? { ...(Policy !== undefined && { Policy }) } : attributes)
        queue.messages = messages
        queues.set(rest.arn, queue)
      }
    },
  }
}
