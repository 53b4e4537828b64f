/** Create, delete, list, describe, change and purge queues. */
import * as v from 'valibot'
import { AwsError, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { defaultQueueAttributes } from './attributes.ts'
import type { QueueDirectory } from './directory.ts'
import { countMessages, type Queue, setQueueAttributes } from './queue.ts'

const inQueue = v.object({ QueueUrl: v.string() })
const names = v.optional(v.array(v.string()), [])
const attributesInput = v.optional(v.record(v.string(), v.string()), {})

export function queueOperations(directory: QueueDirectory): Record<string, ServiceOperation> {
  return {
    CreateQueue(call) {
      const input = readInput(v.object({ QueueName: v.string(), Attributes: attributesInput }), call)
      if (!/^[\w-]{1,80}$/.test(input.QueueName)) {
        throw new AwsError(
          'InvalidParameterValue',
          'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
        )
      }
      const arn = `arn:aws:sqs:${call.region}:${call.account}:${input.QueueName}`
      const existing = directory.queues.get(arn)
      if (existing) {
        const differs = Object.entries(input.Attributes).find(([name, value]) => existing.attributes[name] !== value)
        if (!differs) return { QueueUrl: directory.urlOf(existing) }
        const message = `A queue already exists with the same name and a different value for attribute ${differs[0]}`
        throw new AwsError('QueueNameExists', message)
      }
      const queue: Queue = {
        arn,
        account: call.account,
        name: input.QueueName,
        createdAt: call.at,
        changedAt: call.at,
        attributes: defaultQueueAttributes,
        messages: [],
      }
      setQueueAttributes(queue, input.Attributes)
      directory.queues.set(arn, queue)
      return { QueueUrl: directory.urlOf(queue) }
    },
    DeleteQueue(call) {
      directory.queues.delete(directory.find(readInput(inQueue, call).QueueUrl, call).arn)
      return {}
    },
    ListQueues(call) {
      const { QueueNamePrefix: prefix } = readInput(v.object({ QueueNamePrefix: v.optional(v.string(), '') }), call)
      const own = `arn:aws:sqs:${call.region}:${call.account}:${prefix}`
      const urls = [...directory.queues.values()].filter((queue) => queue.arn.startsWith(own)).map(directory.urlOf)
      return urls.length > 0 ? { QueueUrls: urls } : {}
    },
    GetQueueUrl(call) {
      const schema = v.object({ QueueName: v.string(), QueueOwnerAWSAccountId: v.optional(v.string()) })
      const input = readInput(schema, call)
      return {
        QueueUrl: directory.urlOf(
          directory.find(`/${input.QueueOwnerAWSAccountId ?? call.account}/${input.QueueName}`, call),
        ),
      }
    },
    GetQueueAttributes(call) {
      const input = readInput(v.object({ ...inQueue.entries, AttributeNames: names }), call)
      const all = describe(directory.find(input.QueueUrl, call), call.at)
      const requested = Object.entries(all).filter(
        ([name]) => input.AttributeNames.includes('All') || input.AttributeNames.includes(name),
      )
      return requested.length > 0 ? { Attributes: Object.fromEntries(requested) } : {}
    },
    SetQueueAttributes(call) {
      const input = readInput(v.object({ ...inQueue.entries, Attributes: attributesInput }), call)
      const queue = directory.find(input.QueueUrl, call)
      setQueueAttributes(queue, input.Attributes)
      queue.changedAt = call.at
      return {}
    },
    PurgeQueue(call) {
      directory.find(readInput(inQueue, call).QueueUrl, call).messages = []
      return {}
    },
  }
}

/** Every attribute of a queue: the stored and the computed ones. */
function describe(queue: Queue, at: Date): Record<string, string> {
  const { visible, inFlight, delayed } = countMessages(queue, at)
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
