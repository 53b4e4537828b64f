/**
 * The dead letters of a function, one after another. A letter is ours for a while; it leaves its queue only when it is removed.
 */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'

export type DeadLetter = {
  /** The queue, and the id of the message in it. */
  readonly source: string
  readonly payload: unknown
  /** Takes it out of the queue. */
  readonly remove: () => Promise<unknown>
  /** Lets others see it again at once. */
  readonly release: () => Promise<unknown>
}

/** How long a letter is ours, in seconds. */
const VisibilityTimeout = 300

export async function createDeadLetters(sqs: SQSClient, queue: string) {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))

  async function* letters(): AsyncGenerator<DeadLetter> {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2, VisibilityTimeout }),
      )
      for (const { MessageId, Body = '', ReceiptHandle } of Messages)
        yield {
          source: `${queue} ${MessageId}`,
          payload: Body,
          remove: () => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
          release: () =>
            sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
        }
      if (Messages.length === 0) return
    }
  }

  return {
    letters,
    /** About how many there are: SQS counts no more exactly. */
    async count(): Promise<number> {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      )
      return Number(Attributes?.ApproximateNumberOfMessages ?? 0)
    },
  }
}
