/**
 * One standard queue: its messages, their visibility and retention, and its dead-letter queue.
 *
 * The time is an argument, so that a test advances the clock and never waits. Messages are received in the order in which they were sent.
 * A real standard queue guarantees no order, so do not rely on it.
 */
import type { NamedPolicy } from '../../src/policy/document.ts'
import { readResourcePolicy } from '../resource-policy.ts'
import { AwsError } from '../service.ts'
import { numberAttributeOf, type QueueAttributes, redrivePolicyOf, withAttributes } from './attributes.ts'
import type { MessageAttributes } from './message-attributes.ts'

export type QueuedMessage = {
  readonly id: string
  readonly body: string
  readonly attributes: MessageAttributes
  readonly senderId: string
  readonly sentAt: Date
  visibleAt: Date
  /** The receiver has changed how long it is hidden. */
  isPostponed?: boolean
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

/**
 * Changes attributes of a queue, including its policy.
 *
 * @throws AwsError InvalidAttributeName, InvalidAttributeValue
 */
export function setQueueAttributes(queue: Queue, changes: QueueAttributes): void {
  const attributes = withAttributes(queue.attributes, changes)
  const { Policy: text } = attributes
  if (text === undefined) delete queue.policy
  else queue.policy = readResourcePolicy(`policy of queue ${queue.name}`, text, invalidPolicy)
  queue.attributes = attributes
}

const invalidPolicy = (problem: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter Policy: ${problem}`)

export function addMessage(
  queue: Queue,
  message: Omit<QueuedMessage, 'visibleAt' | 'receiveCount'>,
  delaySeconds?: number,
) {
  const delay = delaySeconds ?? numberAttributeOf(queue.attributes, 'DelaySeconds')
  queue.messages.push({ ...message, visibleAt: later(message.sentAt, delay), receiveCount: 0 })
}

/** Deletes messages that are older than the retention period. A dead-lettered message keeps its age. */
function deleteExpired(queue: Queue, now: Date): void {
  const retention = numberAttributeOf(queue.attributes, 'MessageRetentionPeriod')
  queue.messages = queue.messages.filter((message) => later(message.sentAt, retention) > now)
}

/** Takes up to `limit` visible messages. A message that reached the maximum receive count moves to the dead-letter queue instead. */
export function receiveMessages(
  queue: Queue,
  at: Date,
  limit: number,
  visibilitySeconds: number,
  deadLetterQueue: (arn: string) => Queue | undefined,
): QueuedMessage[] {
  deleteExpired(queue, at)
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
    message.isPostponed = false
    message.receiptHandle = Buffer.from(`${queue.arn} ${message.id} ${message.receiveCount}`).toString('base64')
    taken.push(message)
  }
  return taken
}

function moveToDeadLetters(queue: Queue, target: Queue, message: QueuedMessage, at: Date): void {
  queue.messages = queue.messages.filter((other) => other !== message)
  const { receiptHandle: _, ...rest } = message
  target.messages.push({ ...rest, visibleAt: at, deadLetterSource: queue.arn })
}

/**
 * The message of a receipt handle. Undefined when the message is deleted or was received again; false when the handle belongs to no message
 * of this queue.
 */
export function findByHandle(queue: Queue, handle: string): QueuedMessage | undefined | false {
  const [arn, id] = Buffer.from(handle, 'base64').toString().split(' ')
  if (arn !== queue.arn) return false
  return queue.messages.find((message) => message.id === id && message.receiptHandle === handle)
}

export function removeMessage(queue: Queue, message: QueuedMessage): void {
  queue.messages = queue.messages.filter((other) => other !== message)
}

/** Makes a message in flight visible after this number of seconds; 0 is at once. */
export function setVisibility(message: QueuedMessage, at: Date, seconds: number): void {
  message.visibleAt = later(at, seconds)
}

export function countMessages(queue: Queue, at: Date): { visible: number; inFlight: number; delayed: number } {
  deleteExpired(queue, at)
  const hidden = queue.messages.filter((message) => message.visibleAt > at)
  const inFlight = hidden.filter((message) => message.receiptHandle !== undefined).length
  return { visible: queue.messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight }
}
