/**
 * One standard queue: what is in it, what is visible, what is too old, what goes to the dead-letter queue.
 *
 * Everything depends on the time that is handed in, so a test moves the clock and never waits. Messages come in the order in which they
 * were sent; a real standard queue promises no order, so nothing may rely on it.
 */
import type { NamedPolicy } from '../../src/policy/document.ts'
import { AwsError } from '../service.ts'
import { readResourcePolicy } from '../resource-policy.ts'
import { type QueueAttributes, redrivePolicyOf, numberAttributeOf, withAttributes } from './attributes.ts'

export type MessageAttribute = {
  DataType: string
  StringValue?: string | undefined
  BinaryValue?: Uint8Array | undefined
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>

export type QueuedMessage = {
  readonly id: string
  readonly body: string
  readonly attributes: MessageAttributes
  readonly senderId: string
  readonly sentAt: Date
  visibleAt: Date
  receiveCount: number
  firstReceivedAt?: Date
  receiptHandle?: string
  deadLetterSource?: string
}

export type Queue = {
  readonly arn: string
  readonly account: string
  readonly name: string
  readonly createdAt: Date
  changedAt: Date
  attributes: QueueAttributes
  policy?: NamedPolicy
  messages: QueuedMessage[]
}

const later = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000)

/** Changes a queue's attributes, its policy with them. Throws what SQS answers to an unknown or unfit one. */
export function setQueueAttributes(queue: Queue, changes: QueueAttributes): void {
  const attributes = withAttributes(queue.attributes, changes)
  const { Policy: text } = attributes
  if (text === undefined) delete queue.policy
  else queue.policy = readResourcePolicy(`policy of queue ${queue.name}`, text, invalidPolicy)
  queue.attributes = attributes
}

const invalidPolicy = (problem: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter Policy: ${problem}`)

export function addMessage(queue: Queue, message: Omit<QueuedMessage, 'visibleAt' | 'receiveCount'>, delaySeconds?: number) {
  const delay = delaySeconds ?? numberAttributeOf(queue.attributes, 'DelaySeconds')
  queue.messages.push({ ...message, visibleAt: later(message.sentAt, delay), receiveCount: 0 })
}

/** Forgets what is older than the retention period. A message that was dead-lettered keeps the age it came with. */
function expire(queue: Queue, now: Date): void {
  const retention = numberAttributeOf(queue.attributes, 'MessageRetentionPeriod')
  queue.messages = queue.messages.filter((message) => later(message.sentAt, retention) > now)
}

/** What a receive may take: the visible messages. Those received too often leave for the dead-letter queue first. */
export function receiveMessages(
  queue: Queue,
  at: Date,
  limit: number,
  visibilitySeconds: number,
  deadLetterQueue: (arn: string) => Queue | undefined,
): QueuedMessage[] {
  expire(queue, at)
  const redrive = redrivePolicyOf(queue.attributes)
  const target = redrive && deadLetterQueue(redrive.deadLetterTargetArn)
  const taken: QueuedMessage[] = []
  for (const message of [...queue.messages]) {
    if (taken.length === limit) break
    if (message.visibleAt > at) continue
    if (redrive && target && message.receiveCount >= redrive.maxReceiveCount) {
      moveToDeadLetters(queue, target, message, at)
      continue
    }
    message.receiveCount++
    message.firstReceivedAt ??= at
    message.visibleAt = later(at, visibilitySeconds)
    message.receiptHandle = Buffer.from(`${queue.arn} ${message.id} ${message.receiveCount}`).toString('base64')
    taken.push(message)
  }
  return taken
}

function moveToDeadLetters(queue: Queue, target: Queue, message: QueuedMessage, at: Date): void {
  queue.messages = queue.messages.filter((one) => one !== message)
  const { receiptHandle: _, ...rest } = message
  target.messages.push({ ...rest, visibleAt: at, deadLetterSource: queue.arn })
}

/**
 * Which message a receipt handle means: undefined when the message is gone or was received again since, false when the handle is none of
 * this queue's.
 */
export function findByHandle(queue: Queue, handle: string): QueuedMessage | undefined | false {
  const [arn, id] = Buffer.from(handle, 'base64').toString().split(' ')
  if (arn !== queue.arn) return false
  return queue.messages.find((message) => message.id === id && message.receiptHandle === handle)
}

export function removeMessage(queue: Queue, message: QueuedMessage): void {
  queue.messages = queue.messages.filter((one) => one !== message)
}

/** Makes a message in flight visible again after so many seconds from now; 0 is at once. */
export function setVisibility(message: QueuedMessage, at: Date, seconds: number): void {
  message.visibleAt = later(at, seconds)
}

export function countMessages(queue: Queue, at: Date): { visible: number; inFlight: number; delayed: number } {
  expire(queue, at)
  const hidden = queue.messages.filter((message) => message.visibleAt > at)
  const inFlight = hidden.filter((message) => message.receiptHandle !== undefined).length
  return { visible: queue.messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight }
}
