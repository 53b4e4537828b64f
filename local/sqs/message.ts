/** Messages on their way in and out: what is checked when one is sent, and how one looks when it is received. */
import * as v from 'valibot'
import { AwsError } from '../service.ts'
import { md5, md5OfAttributes } from './digest.ts'
import type { MessageAttributes, QueuedMessage } from './queue.ts'

export const messageAttributes = v.record(
  v.string(),
  v.object({
    DataType: v.string(),
    StringValue: v.optional(v.string()),
    BinaryValue: v.optional(v.instance(Uint8Array)),
  }),
)

export const messageInput = v.object({
  MessageBody: v.string(),
  DelaySeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(900))),
  MessageAttributes: v.optional(messageAttributes, {}),
})

export type MessageInput = v.InferOutput<typeof messageInput>

/** Body and attributes as SQS counts them. */
export function messageSizeOf(message: MessageInput): number {
  let bytes = Buffer.byteLength(message.MessageBody)
  for (const [name, attribute] of Object.entries(message.MessageAttributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType)
    bytes += attribute.BinaryValue?.length ?? Buffer.byteLength(attribute.StringValue ?? '')
  }
  return bytes
}

/** Throws what SQS answers to a message that is empty, too long or has more than ten attributes. */
export function checkMessage(message: MessageInput, maximumBytes: number): void {
  if (message.MessageBody === '') {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.')
  }
  if (messageSizeOf(message) > maximumBytes) {
    throw new AwsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${maximumBytes} bytes.`,
    )
  }
  if (Object.keys(message.MessageAttributes).length > 10) {
    throw new AwsError(
      'InvalidParameterValue',
      'Number of message attributes [11 or more] exceeds the allowed maximum [10].',
    )
  }
}

/** The sums that the sender's SDK compares. */
export function digestsOf(message: MessageInput): { MD5OfMessageBody: string; MD5OfMessageAttributes?: string } {
  const attributes = md5OfAttributes(message.MessageAttributes)
  return { MD5OfMessageBody: md5(message.MessageBody), ...(attributes && { MD5OfMessageAttributes: attributes }) }
}

/** A received message in the shape of `ReceiveMessageCommandOutput`, with the attributes that were asked for. */
export function receivedMessage(message: QueuedMessage, systemNames: readonly string[], attributeNames: readonly string[]) {
  const attributes = chosen(message.attributes, attributeNames)
  const system = systemAttributes(message)
  const wanted = systemNames.includes('All')
    ? system
    : Object.fromEntries(Object.entries(system).filter(([name]) => systemNames.includes(name)))
  const sum = md5OfAttributes(attributes)
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(wanted).length > 0 && { Attributes: wanted }),
    ...(sum && { MessageAttributes: attributes, MD5OfMessageAttributes: sum }),
  }
}

function systemAttributes(message: QueuedMessage): Record<string, string> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt.getTime()),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String((message.firstReceivedAt ?? message.sentAt).getTime()),
    ...(message.deadLetterSource && { DeadLetterQueueSourceArn: message.deadLetterSource }),
  }
}

/** `All`, `.*`, a whole name, or `prefix.*`. */
function chosen(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wants = (name: string): boolean =>
    names.some((wanted) =>
      wanted === 'All' ? true : wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -2)) : wanted === name,
    )
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wants(name)))
}
