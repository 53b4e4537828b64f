/**
 * SQS: standard queues with visibility timeouts, retention, dead-letter queues and queue policies.
 *
 * Time is the platform's clock: a visibility timeout ends when the clock says so. A long poll answers at once with what there is, unless
 * `waits` is set; either is what a client must expect of SQS. FIFO queues are refused.
 */
import * as v from 'valibot'
import { newIds } from './ids.ts'
import { readInput } from './input.ts'
import { AwsError, type Call, type Operation, type Platform, type Service } from './service.ts'
import { defaults, secondsOf } from './sqs/attributes.ts'
import {
  attributesInput,
  byDeleteBatch,
  byHandle,
  byReceive,
  bySend,
  bySendBatch,
  byVisibility,
  byVisibilityBatch,
  eachEntry,
  inQueue,
  names,
} from './sqs/inputs.ts'
import { checkOutgoing, digestsOf, type Outgoing, received, sizeOf } from './sqs/message.ts'
import { add, counts, findByHandle, type Queue, receive, remove, setAttributes, setVisibility } from './sqs/queue.ts'

export type Sqs = Service & {
  /** Every queue by its ARN. */
  readonly queues: ReadonlyMap<string, Queue>
  /** Whether a long poll of an empty queue really waits. For a server; a test asks again when something has happened. */
  waits: boolean
  /** Calls `listener` with a queue's ARN whenever a message has come in or is visible again. */
  onArrival(listener: (queueArn: string) => void): void
}

export function createSqs(platform: Platform): Sqs {
  const queues = new Map<string, Queue>()
  const ids = newIds('sqs')
  const listeners: ((queueArn: string) => void)[] = []

  const arnOf = (url: string, call: Call): string => {
    const [name, account] = url.split('/').reverse()
    return `arn:aws:sqs:${call.region}:${account}:${name}`
  }
  const urlOf = (queue: Queue): string => `${endpoint()}/${queue.account}/${queue.name}`
  const endpoint = (): string => {
    const { endpoint } = platform.clientConfig({ accessKeyId: 'none', secretAccessKey: 'none' })
    return endpoint.replace(/\/$/, '')
  }
  const find = (url: string, call: Call): Queue => {
    const queue = queues.get(arnOf(url, call))
    if (queue) return queue
    throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
  }
  const arrived = (queue: Queue): void => {
    for (const listener of listeners) listener(queue.arn)
  }

  const send = (queue: Queue, message: Outgoing, call: Call) => {
    checkOutgoing(message, Number(queue.attributes.MaximumMessageSize))
    const { principal } = call.caller
    const senderId = principal.kind === 'session' ? principal.userId : call.caller.account || call.account
    const id = ids.uuid()
    add(
      queue,
      { id, body: message.MessageBody, attributes: message.MessageAttributes, senderId, sentAt: call.at },
      message.DelaySeconds,
    )
    arrived(queue)
    return { MessageId: id, ...digestsOf(message) }
  }
  const found = (queue: Queue, handle: string) => {
    const message = findByHandle(queue, handle)
    if (message === false) {
      throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404)
    }
    return message
  }
  const drop = (queue: Queue, handle: string): object => {
    const message = found(queue, handle)
    if (message) remove(queue, message)
    return {}
  }
  const hide = (queue: Queue, handle: string, timeout: number, at: Date): object => {
    const message = found(queue, handle)
    if (!message || message.visibleAt <= at) {
      throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.')
    }
    setVisibility(message, at, timeout)
    if (timeout === 0) arrived(queue)
    return {}
  }

  const receiveMessages: Operation = async (call) => {
    const input = readInput(byReceive, call, 'InvalidParameterValue')
    const queue = find(input.QueueUrl, call)
    const timeout = input.VisibilityTimeout ?? secondsOf(queue.attributes, 'VisibilityTimeout')
    const take = (at: Date) =>
      receive(queue, at, input.MaxNumberOfMessages, timeout, (arn) => queues.get(arn)).map((message) =>
        received(message, [...input.AttributeNames, ...input.MessageSystemAttributeNames], input.MessageAttributeNames),
      )
    let messages = take(call.at)
    const patience = input.WaitTimeSeconds ?? secondsOf(queue.attributes, 'ReceiveMessageWaitTimeSeconds')
    if (messages.length === 0 && sqs.waits && patience > 0) {
      await arrivalWithin(patience, queue)
      messages = take(platform.clock.now())
    }
    return messages.length > 0 ? { Messages: messages } : {}
  }
  const arrivalWithin = (patience: number, queue: Queue): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        listeners.splice(listeners.indexOf(listener), 1)
        resolve()
      }
      const listener = (arn: string): void => {
        if (arn === queue.arn) done()
      }
      const timer = setTimeout(done, patience * 1000)
      timer.unref()
      listeners.push(listener)
    })

  const operations: Record<string, Operation> = {
    CreateQueue(call) {
      const input = readInput(v.object({ QueueName: v.string(), Attributes: attributesInput }), call)
      if (!/^[\w-]{1,80}$/.test(input.QueueName)) {
        throw new AwsError(
          'InvalidParameterValue',
          'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
        )
      }
      const arn = `arn:aws:sqs:${call.region}:${call.account}:${input.QueueName}`
      const existing = queues.get(arn)
      if (existing) {
        const differs = Object.entries(input.Attributes).find(([name, value]) => existing.attributes[name] !== value)
        if (!differs) return { QueueUrl: urlOf(existing) }
        const message = `A queue already exists with the same name and a different value for attribute ${differs[0]}`
        throw new AwsError('QueueNameExists', message)
      }
      const queue: Queue = {
        arn,
        account: call.account,
        name: input.QueueName,
        createdAt: call.at,
        changedAt: call.at,
        attributes: defaults,
        messages: [],
      }
      setAttributes(queue, input.Attributes)
      queues.set(arn, queue)
      return { QueueUrl: urlOf(queue) }
    },
    DeleteQueue(call) {
      queues.delete(find(readInput(inQueue, call).QueueUrl, call).arn)
      return {}
    },
    ListQueues(call) {
      const { QueueNamePrefix: prefix } = readInput(v.object({ QueueNamePrefix: v.optional(v.string(), '') }), call)
      const own = `arn:aws:sqs:${call.region}:${call.account}:${prefix}`
      const urls = [...queues.values()].filter((queue) => queue.arn.startsWith(own)).map(urlOf)
      return urls.length > 0 ? { QueueUrls: urls } : {}
    },
    GetQueueUrl(call) {
      const schema = v.object({ QueueName: v.string(), QueueOwnerAWSAccountId: v.optional(v.string()) })
      const input = readInput(schema, call)
      return { QueueUrl: urlOf(find(`/${input.QueueOwnerAWSAccountId ?? call.account}/${input.QueueName}`, call)) }
    },
    GetQueueAttributes(call) {
      const input = readInput(v.object({ ...inQueue.entries, AttributeNames: names }), call)
      const all = describe(find(input.QueueUrl, call), call.at)
      const wanted = Object.entries(all).filter(
        ([name]) => input.AttributeNames.includes('All') || input.AttributeNames.includes(name),
      )
      return wanted.length > 0 ? { Attributes: Object.fromEntries(wanted) } : {}
    },
    SetQueueAttributes(call) {
      const input = readInput(v.object({ ...inQueue.entries, Attributes: attributesInput }), call)
      const queue = find(input.QueueUrl, call)
      setAttributes(queue, input.Attributes)
      queue.changedAt = call.at
      return {}
    },
    PurgeQueue(call) {
      find(readInput(inQueue, call).QueueUrl, call).messages = []
      return {}
    },
    SendMessage(call) {
      const input = readInput(bySend, call, 'InvalidParameterValue')
      return send(find(input.QueueUrl, call), input, call)
    },
    SendMessageBatch(call) {
      const input = readInput(bySendBatch, call, 'InvalidParameterValue')
      const queue = find(input.QueueUrl, call)
      if (input.Entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0) > 1_048_576) {
        throw new AwsError('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.')
      }
      return eachEntry(input.Entries, (entry) => send(queue, entry, call))
    },
    ReceiveMessage: receiveMessages,
    DeleteMessage(call) {
      const input = readInput(byHandle, call)
      return drop(find(input.QueueUrl, call), input.ReceiptHandle)
    },
    DeleteMessageBatch(call) {
      const input = readInput(byDeleteBatch, call)
      const queue = find(input.QueueUrl, call)
      return eachEntry(input.Entries, (entry) => drop(queue, entry.ReceiptHandle))
    },
    ChangeMessageVisibility(call) {
      const input = readInput(byVisibility, call, 'InvalidParameterValue')
      return hide(find(input.QueueUrl, call), input.ReceiptHandle, input.VisibilityTimeout, call.at)
    },
    ChangeMessageVisibilityBatch(call) {
      const input = readInput(byVisibilityBatch, call, 'InvalidParameterValue')
      const queue = find(input.QueueUrl, call)
      return eachEntry(input.Entries, (entry) => hide(queue, entry.ReceiptHandle, entry.VisibilityTimeout, call.at))
    },
  }

  const sqs: Sqs = {
    operations,
    queues,
    waits: false,
    resourcePolicy: (requirement) => queues.get(requirement.resource)?.policy,
    onArrival(listener) {
      listeners.push(listener)
    },
  }
  return sqs
}

/** Every attribute of a queue, the stored ones and the counted ones. */
function describe(queue: Queue, at: Date): Record<string, string> {
  const { visible, inFlight, delayed } = counts(queue, at)
  return {
    ...queue.attributes,
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt.getTime() / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.changedAt.getTime() / 1000)),
  }
}
