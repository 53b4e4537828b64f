/** The input of a sent message with its checks, and the output of a received message. */
import * as v from 'valibot'
import { AwsError } from '../service.ts'
import { md5, md5OfAttributes } from './digest.ts'
import { type MessageAttributes, messageAttributesSchema } from './message-attributes.ts'
import type { QueuedMessage } from './queue.ts'

export const messageInput = v.object({
  MessageBody: v.string(),
  DelaySeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(900))),
  MessageAttributes: v.optional(messageAttributesSchema, {}),
})

export type MessageInput = v.InferOutput<typeof messageInput>

/** Bytes of body and attributes as SQS counts them. */
export function messageSizeOf(message: MessageInput): number {
  let bytes = Buffer.byteLength(message.MessageBody)
  for (const [name, attribute] of Object.entries(message.MessageAttributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType)
    bytes += attribute.BinaryValue?.length ?? Buffer.byteLength(attribute.StringValue ?? '')
  }
  return bytes
}

/** @throws AwsError MissingParameter, InvalidParameterValue for an empty or too long message, or more than ten attributes */
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

/** The digests that the sender's SDK compares. */
export function messageDigestsOf(message: MessageInput): { MD5OfMessageBody: string; MD5OfMessageAttributes?: string } {
  const attributes = md5OfAttributes(message.MessageAttributes)
  return { MD5OfMessageBody: md5(message.MessageBody), ...(attributes && { MD5OfMessageAttributes: attributes }) }
}

/** A received message in the shape of `ReceiveMessageCommandOutput`, with the requested attributes. */
export function receivedMessage(
  message: QueuedMessage,
  systemNames: readonly string[],
  attributeNames: readonly string[],
) {
  const attributes = selectAttributes(message.attributes, attributeNames)
  const system = systemAttributes(message)
  const requested = systemNames.includes('All')
    ? system
    : Object.fromEntries(Object.entries(system).filter(([name]) => systemNames.includes(name)))
  const digest = md5OfAttributes(attributes)
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(requested).length > 0 && { Attributes: requested }),
    ...(digest && { MessageAttributes: attributes, MD5OfMessageAttributes: digest }),
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

/** The attributes with these names. A name is `All`, `.*`, a full name, or `prefix.*`. */
function selectAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wants = (name: string): boolean =>
    names.some((pattern) =>
      pattern === 'All' ? true : pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -2)) : pattern === name,
    )
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wants(name)))
}
