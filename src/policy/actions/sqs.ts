/**
 * SQS. A batch needs the permission of its single form. The path of a queue URL names the account and the queue; the host is ignored.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */
import * as v from 'valibot'
import {
  type Entry,
  entry,
  localArn,
  MalformedInputError,
  nameSchema,
  noInput,
  type Requirement,
  type ResourceContext,
  textSchema,
} from './entry.ts'

function on(action: string, name: string, place: ResourceContext): Requirement[] {
  return [
    { action: `sqs:${action}`, resource: localArn('sqs', place, name), resourceAccount: place.account, context: {} },
  ]
}

const ofQueue = (action: string): Entry =>
  entry([`sqs:${action}`], v.object({ QueueUrl: textSchema }), ({ QueueUrl }, place) => {
    const path = /^(?:https?:\/\/[^/?#]+)?\/?(\d{12})\/([\w.-]+)$/.exec(QueueUrl)
    if (path === null) throw new MalformedInputError('QueueUrl', 'is not the URL of a queue')
    return on(action, path[2] ?? '', { ...place, account: path[1] ?? '' })
  })

const getQueueUrlInput = v.object({
  QueueName: nameSchema,
  QueueOwnerAWSAccountId: v.optional(v.pipe(v.string(), v.regex(/^\d{12}$/, 'is not an account id'))),
})

export const sqs: Readonly<Record<string, Entry>> = {
  SendMessage: ofQueue('SendMessage'),
  SendMessageBatch: ofQueue('SendMessage'),
  ReceiveMessage: ofQueue('ReceiveMessage'),
  DeleteMessage: ofQueue('DeleteMessage'),
  DeleteMessageBatch: ofQueue('DeleteMessage'),
  ChangeMessageVisibility: ofQueue('ChangeMessageVisibility'),
  ChangeMessageVisibilityBatch: ofQueue('ChangeMessageVisibility'),
  GetQueueAttributes: ofQueue('GetQueueAttributes'),
  SetQueueAttributes: ofQueue('SetQueueAttributes'),
  PurgeQueue: ofQueue('PurgeQueue'),
  DeleteQueue: ofQueue('DeleteQueue'),
  GetQueueUrl: entry(['sqs:GetQueueUrl'], getQueueUrlInput, ({ QueueName, QueueOwnerAWSAccountId }, place) =>
    on('GetQueueUrl', QueueName, { ...place, account: QueueOwnerAWSAccountId ?? place.account }),
  ),
  CreateQueue: entry(['sqs:CreateQueue'], v.object({ QueueName: nameSchema }), ({ QueueName }, place) =>
    on('CreateQueue', QueueName, place),
  ),
  ListQueues: entry(['sqs:ListQueues'], noInput, (_, { account }) => [
    { action: 'sqs:ListQueues', resource: '*', resourceAccount: account, context: {} },
  ]),
}
