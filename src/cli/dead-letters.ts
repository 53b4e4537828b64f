/**
 * Reads the messages of a dead-letter queue. A message stays in the queue until it is deleted, and is invisible to others meanwhile.
 */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'

export type DeadLetter = {
  /** Name of the queue and id of the message. */
  readonly source: string
  readonly id: string
  readonly queue: string
  /** When it came into the queue, if SQS says so. */
  readonly at: Date | undefined
  readonly payload: string
  /** Deletes the message from the queue. */
  readonly remove: () => Promise<unknown>
  /** Makes the message visible to others at once. */
  readonly release: () => Promise<unknown>
}

const visibilityTimeoutSeconds = 300

/** @param queue name of the queue, in the account and region of the client */
export async function createDeadLetters(sqs: SQSClient, queue: string) {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))

  /** Receives messages until the queue has none that are visible. */
  async function* messages(): AsyncGenerator<DeadLetter> {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 2,
          VisibilityTimeout: visibilityTimeoutSeconds,
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      )
      for (const { MessageId = '', Body = '', ReceiptHandle, Attributes } of Messages)
        yield {
          source: `${queue} ${MessageId}`,
          id: MessageId,
          queue,
          at: Attributes?.SentTimestamp === undefined ? undefined : new Date(Number(Attributes.SentTimestamp)),
          payload: Body,
          remove: () => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
          release: () =>
            sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
        }
      if (Messages.length === 0) return
    }
  }

  return { messages }
}
