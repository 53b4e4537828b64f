/** Send, receive, delete and change the visibility of messages, one or a batch. */
import * as v from 'valibot'
import { AwsError, type Platform, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { keyOfQueue, numberAttributeOf } from './attributes.ts'
import { eachEntry } from './batch.ts'
import type { QueueDirectory } from './directory.ts'
import {
  checkMessage,
  type MessageInput,
  messageDigestsOf,
  messageInput,
  messageSizeOf,
  receivedMessage,
} from './message.ts'
import { addMessage, findByHandle, type Queue, receiveMessages, removeMessage, setVisibility } from './queue.ts'

const inQueue = v.object({ QueueUrl: v.string() })
const names = v.optional(v.array(v.string()), [])
const seconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(43_200))
const bySend = v.object({ ...inQueue.entries, ...messageInput.entries })
const byReceive = v.object({
  ...inQueue.entries,
  MaxNumberOfMessages: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 1),
  VisibilityTimeout: v.optional(seconds),
  WaitTimeSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20))),
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
})
const byHandle = v.object({ ...inQueue.entries, ReceiptHandle: v.string() })
const byVisibility = v.object({ ...byHandle.entries, VisibilityTimeout: seconds })
const batch = <const Entry extends v.ObjectEntries>(entry: Entry) =>
  v.object({ ...inQueue.entries, Entries: v.array(v.object({ Id: v.string(), ...entry })) })
const bySendBatch = batch(messageInput.entries)
const byDeleteBatch = batch({ ReceiptHandle: v.string() })
const byVisibilityBatch = batch({ ReceiptHandle: v.string(), VisibilityTimeout: seconds })

/** @param longPolling whether a long poll of an empty queue waits in real time */
export function messageOperations(
  platform: Platform,
  directory: QueueDirectory,
  longPolling: () => boolean,
): Record<string, ServiceOperation> {
  const ids = platform.createIds('sqs')

  const send = (queue: Queue, message: MessageInput, call: ServiceCall) => {
    checkMessage(message, Number(queue.attributes.MaximumMessageSize))
    const { principal } = call.caller
    // No key admits a service: AWS's own key for SQS never does, and the embedded AWS has no others.
    if (principal.kind === 'service' && keyOfQueue(queue.attributes) !== undefined)
      throw new AwsError(
        'KMS.AccessDeniedException',
        `The key of the queue does not allow ${principal.service} to use it.`,
      )
    const senderId = principal.kind === 'session' ? principal.userId : call.caller.account || call.account
    const id = ids.uuid()
    addMessage(
      queue,
      { id, body: message.MessageBody, attributes: message.MessageAttributes, senderId, sentAt: call.at },
      message.DelaySeconds,
    )
    directory.notifyArrival(queue)
    return { MessageId: id, ...messageDigestsOf(message) }
  }
  /** Undefined when the message is deleted or was received again. */
  const find = (queue: Queue, handle: string) => {
    const message = findByHandle(queue, handle)
    if (message === false) {
      throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404)
    }
    return message
  }
  const deleteMessage = (queue: Queue, handle: string): object => {
    const message = find(queue, handle)
    if (message) removeMessage(queue, message)
    return {}
  }
  const changeVisibility = (queue: Queue, handle: string, timeout: number, at: Date): object => {
    const message = find(queue, handle)
    if (!message || message.visibleAt <= at) {
      throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.')
    }
    setVisibility(message, at, timeout)
    message.isPostponed = true
    if (timeout === 0) directory.notifyArrival(queue)
    return {}
  }

  const receiveMessage: ServiceOperation = async (call) => {
    const input = readInput(byReceive, call, 'InvalidParameterValue')
    const queue = directory.find(input.QueueUrl, call)
    const timeout = input.VisibilityTimeout ?? numberAttributeOf(queue.attributes, 'VisibilityTimeout')
    const take = (at: Date) =>
      receiveMessages(queue, at, input.MaxNumberOfMessages, timeout, (arn) => directory.queues.get(arn)).map(
        (message) =>
          receivedMessage(
            message,
            [...input.AttributeNames, ...input.MessageSystemAttributeNames],
            input.MessageAttributeNames,
          ),
      )
    let messages = take(call.at)
    const waitSeconds = input.WaitTimeSeconds ?? numberAttributeOf(queue.attributes, 'ReceiveMessageWaitTimeSeconds')
    if (messages.length === 0 && longPolling() && waitSeconds > 0) {
      await directory.waitForArrival(waitSeconds, queue)
      messages = take(platform.clock.now())
    }
    return messages.length > 0 ? { Messages: messages } : {}
  }

  return {
    ReceiveMessage: receiveMessage,
    SendMessage(call) {
      const input = readInput(bySend, call, 'InvalidParameterValue')
      return send(directory.find(input.QueueUrl, call), input, call)
    },
    SendMessageBatch(call) {
      const input = readInput(bySendBatch, call, 'InvalidParameterValue')
      const queue = directory.find(input.QueueUrl, call)
      if (input.Entries.reduce((bytes, entry) => bytes + messageSizeOf(entry), 0) > 1_048_576) {
        throw new AwsError('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.')
      }
      return eachEntry(input.Entries, (entry) => send(queue, entry, call))
    },
    DeleteMessage(call) {
      const input = readInput(byHandle, call)
      return deleteMessage(directory.find(input.QueueUrl, call), input.ReceiptHandle)
    },
    DeleteMessageBatch(call) {
      const input = readInput(byDeleteBatch, call)
      const queue = directory.find(input.QueueUrl, call)
      return eachEntry(input.Entries, (entry) => deleteMessage(queue, entry.ReceiptHandle))
    },
    ChangeMessageVisibility(call) {
      const input = readInput(byVisibility, call, 'InvalidParameterValue')
      return changeVisibility(
        directory.find(input.QueueUrl, call),
        input.ReceiptHandle,
        input.VisibilityTimeout,
        call.at,
      )
    },
    ChangeMessageVisibilityBatch(call) {
      const input = readInput(byVisibilityBatch, call, 'InvalidParameterValue')
      const queue = directory.find(input.QueueUrl, call)
      return eachEntry(input.Entries, (entry) =>
        changeVisibility(queue, entry.ReceiptHandle, entry.VisibilityTimeout, call.at),
      )
    },
  }
}
