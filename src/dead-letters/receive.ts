/**
 * Goes through the messages of a dead-letter queue.
 *
 * SQS offers no way to look at a message without receiving it, which hides it from others for a time. What is still in the queue at the end
 * is made visible again at once, unless the caller goes on with the rest of the queue: then the next call must not receive it again.
 */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
  type Message as SqsMessage,
} from '@aws-sdk/client-sqs'
import { concurrently } from '../concurrently.ts'
import type { Message } from './letter.ts'
import type { DeadLetterQueue } from './queues.ts'

export type Decision = 'delete' | 'leave'

export type Pass = {
  /** Whether no message was left unseen. */
  readonly complete: boolean
  /** Messages that should have been deleted and may still be in the queue. */
  readonly undeleted: readonly string[]
}

/** Concurrent messages: well below the concurrency limit of a new AWS account. */
const atOnce = 8
/** How long a message stays hidden whose turn is over but whose queue is not finished. */
const hiddenSeconds = 300

/**
 * @param goesOn whether to receive more messages
 * @param hides whether messages that are left stay hidden, if the queue is not finished
 * @throws the first error of `decide`, after all received messages are handled and visible again
 */
export async function passThrough(
  sqs: SQSClient,
  queue: DeadLetterQueue,
  decide: (message: Message) => Promise<Decision>,
  goesOn: () => boolean,
  hides: () => boolean,
): Promise<Pass> {
  const seen = new Set<string>()
  const left: string[] = []
  const undeleted: string[] = []
  const errors: unknown[] = []
  let complete = false

  async function handle(message: Message): Promise<void> {
    const { id, handle } = message
    // SQS may deliver a message twice. It is handled once, and each of its handles is released.
    const decision = seen.has(id) ? 'leave' : await decideSafely(message)
    seen.add(id)
    if (decision === 'leave') left.push(handle)
    else if (!(await remove(sqs, queue, handle))) undeleted.push(id)
  }

  async function decideSafely(message: Message): Promise<Decision> {
    try {
      return await decide(message)
    } catch (error) {
      errors.push(error)
      return 'leave'
    }
  }

  try {
    while (!complete && errors.length === 0 && goesOn()) {
      const received = await receive(sqs, queue)
      complete = received.length === 0
      await concurrently(received, atOnce, handle)
    }
  } finally {
    if (complete || errors.length > 0 || !hides()) await release(sqs, queue, left)
  }
  if (errors.length > 0) throw errors[0]
  return { complete, undeleted }
}

async function receive(sqs: SQSClient, queue: DeadLetterQueue): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: 10,
      // A long poll asks every server of SQS, so an empty answer means an empty queue.
      WaitTimeSeconds: 1,
      VisibilityTimeout: hiddenSeconds,
      MessageSystemAttributeNames: ['SentTimestamp'],
      MessageAttributeNames: ['All'],
    }),
  )
  return Messages.flatMap((message) => read(queue, message))
}

function read({ name }: DeadLetterQueue, message: SqsMessage): Message[] {
  const { MessageId: id, ReceiptHandle: handle, Body: body = '', Attributes, MessageAttributes } = message
  if (id === undefined || handle === undefined) return []
  const givenCause = (MessageAttributes?.ErrorMessage ?? MessageAttributes?.ERROR_MESSAGE)?.StringValue
  const at = new Date(Number(Attributes?.SentTimestamp ?? 0))
  return [{ id, handle, queue: name, body, at, ...(givenCause !== undefined && { givenCause }) }]
}

/** Idempotent: deleting a message that is already deleted succeeds. @returns whether SQS deleted it */
async function remove(sqs: SQSClient, { url }: DeadLetterQueue, handle: string): Promise<boolean> {
  try {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle }))
    return true
  } catch {
    // The message becomes visible again and is reported as undeleted. Applying it once more changes nothing.
    return false
  }
}

/** Idempotent. A message that cannot be released becomes visible by itself after some minutes. */
const release = (sqs: SQSClient, { url }: DeadLetterQueue, handles: readonly string[]) =>
  concurrently(handles, atOnce, async (handle) => {
    const command = new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: 0 })
    await sqs.send(command).catch(() => undefined)
  })
