/**
 * Queue of our events → signed requests to the webhooks of their projects.
 *
 * Runs as iam/webhook-delivery.yml, the only role that may read the secrets. A message is an event, which is divided into one message for each
 * webhook, or one event for one webhook.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import middy from '@middy/core'
import { createEventBus } from '../events/bus.ts'
import { eachMessage, type MessageOutcomes } from '../lambda/each-message.ts'
import type { Outcome } from '../lambda/each-record.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { outcomeLog } from '../lambda/outcome-log.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createDeliver, type Delivery, NotDeliveredError } from '../webhooks/deliver.ts'
import { createFanOut } from '../webhooks/fan-out.ts'
import { createPostpone, maxReceives, readMessage, type WebhookMessage } from '../webhooks/messages.ts'
import { type Network, publicNetwork } from '../webhooks/post.ts'
import { createDeliveryRecorder } from '../webhooks/record-delivery.ts'
import { findSigningWebhook, listWebhooks } from '../webhooks/webhook.ts'

/** @param network where requests may go: the public internet, unless a test says otherwise */
export function deliverWebhook(runtime: Runtime, network: Network = publicNetwork): LambdaHandler<MessageOutcomes> {
  const { client, now, log } = runtime
  const [dynamodb, sqs] = [new DynamoDBClient(client), new SQSClient(client)]
  const table = readSetting(runtime, 'WEBHOOKS_TABLE')
  const queueUrl = readSetting(runtime, 'WEBHOOK_QUEUE')
  const fanOut = createFanOut(sqs, queueUrl, (project) => listWebhooks(dynamodb, table, project))
  const postpone = createPostpone(sqs, queueUrl)
  const deliver = createDeliver({
    find: (project, id) => findSigningWebhook(dynamodb, table, project, id, now()),
    record: createDeliveryRecorder(dynamodb, table),
    publish: createEventBus(new EventBridgeClient(client), readSetting(runtime, 'EVENT_BUS')).publish,
    network,
    now,
  })

  async function deliverOrPostpone(delivery: Delivery, message: WebhookMessage): Promise<Outcome> {
    const { project, webhook, event } = delivery
    try {
      const outcome = await deliver(delivery, message.receives, message.receives >= maxReceives)
      return {
        outcome: outcome === 'dropped' ? 'ignored: the webhook is off or removed' : outcome,
        project,
        webhook,
        type: event.type,
        event: event.id,
      }
    } catch (error) {
      if (error instanceof NotDeliveredError) await postpone(message, error.waitMs)
      throw error
    }
  }

  async function handle(given: unknown): Promise<Outcome> {
    const message = readMessage(given)
    const { content } = message
    if (!('detail-type' in content)) return deliverOrPostpone(content, message)
    const { project } = content.detail
    return { outcome: 'recorded', type: content['detail-type'], project, webhooks: String(await fanOut(content)) }
  }
  return middy(eachMessage(handle, (facts) => log(JSON.stringify(facts)))).use(outcomeLog(log))
}

export const handler = createLambdaHandler((runtime) => deliverWebhook(runtime))
