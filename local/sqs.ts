/**
 * SQS: standard queues with visibility timeouts, retention, dead-letter queues and queue policies.
 *
 * Time is the platform's clock: a visibility timeout ends when the clock says so. A long poll answers at once with what there is, unless
 * `waits` is set; either is what a client must expect of SQS. FIFO queues are refused.
 */
import * as v from 'valibot'
import { parsePolicy } from '../src/policy/document.ts'
import { newIds } from './ids.ts'
import { parseJson, readInput } from './input.ts'
import { AwsError, type Call, type Operation, type Platform, type Service } from './service.ts'
import { secondsOf, withAttributes } from './sqs/attributes.ts'
import { checkOutgoing, digestsOf, outgoing, received, sizeOf } from './sqs/message.ts'
import { add, counts, findByHandle, type Queue, receive, remove, setVisibility } from './sqs/queue.ts'

export type Sqs = Service & {
  /** Every queue by its ARN. */
  readonly queues: ReadonlyMap<string, Queue>
  /** Whether a long poll of an empty queue really waits. For a server; a test asks again when something has happened. */
  waits: boolean
  /** Calls `listener` with a queue's ARN whenever a message has come in or is visible again. */
  onArrival(listener: (queueArn: string) => void): void
}

const inQueue = v.object({ QueueUrl: v.string() })
const names = v.optional(v.array(v.string()), [])
const seconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(43_200))
const bySend = v.object({ ...inQueue.entries, ...outgoing.entries })
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
const bySendBatch = batch(outgoing.entries)
const byDeleteBatch = batch({ ReceiptHandle: v.string() })
const byVisibilityBatch = batch({ ReceiptHandle: v.string(), VisibilityTimeout: seconds })

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

  const send = (queue: Queue, message: v.InferOutput<typeof outgoing>, call: Call) => {
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
        attributes: withAttributes(undefined, input.Attributes),
        messages: [],
      }
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
      queue.attributes = withAttributes(queue.attributes, input.Attributes)
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
    resourcePolicy(requirement) {
      const text = queues.get(requirement.resource)?.attributes.Policy
      if (text === undefined) return undefined
      return {
        name: `policy of queue ${requirement.resource.split(':').at(-1)}`,
        document: parsePolicy(parseJson(text)),
      }
    },
    onArrival(listener) {
      listeners.push(listener)
    },
  }
  return sqs
}

const attributesInput = v.optional(v.record(v.string(), v.string()), {})

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

/** Tries every entry of a batch: one that fails is reported and takes no other with it. */
function eachEntry<Entry extends { Id: string }>(entries: readonly Entry[], act: (entry: Entry) => object | undefined) {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.')
  }
  if (entries.length > 10) {
    throw new AwsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.')
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.')
  }
  const Successful: object[] = []
  const Failed: object[] = []
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...act(entry) })
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      Failed.push({ Id: entry.Id, Code: cause.code, Message: cause.message, SenderFault: cause.status < 500 })
    }
  }
  return { Successful, Failed }
}
