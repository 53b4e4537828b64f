/**
 * Operators' requests → webhooks of projects.
 *
 * Runs as iam/webhook-management.yml: it writes secrets and cannot read them. iam/operator.yml says who may invoke it.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { createEventBus } from '../events/bus.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import type { Answer } from '../operations/operation.ts'
import {
  addWebhook,
  listChangesOfWebhooks,
  listDeliveriesOfWebhooks,
  listWebhooksOfProject,
  removeWebhook,
  resumeWebhook,
  rotateWebhook,
  testWebhook,
} from '../operations/webhooks.ts'
import { createWebhookChanges } from '../webhooks/change-webhooks.ts'
import { listDeliveries, type Wanted } from '../webhooks/deliveries.ts'
import { listWebhookChanges } from '../webhooks/history.ts'
import { listWebhooks } from '../webhooks/webhook.ts'
import { createAnswering } from './answering.ts'

/** @param testReceiver the origin of a receiver that is not on the public internet: for tests only */
export function manageWebhooks(runtime: Runtime, testReceiver?: string): LambdaHandler<Answer> {
  const dynamodb = new DynamoDBClient(runtime.client)
  const tables = { webhooks: readSetting(runtime, 'WEBHOOKS_TABLE'), projects: readSetting(runtime, 'PROJECTS_TABLE') }
  const changes = createWebhookChanges(dynamodb, tables)
  const { publish } = createEventBus(new EventBridgeClient(runtime.client), readSetting(runtime, 'EVENT_BUS'))
  const list = (project: string) => listWebhooks(dynamodb, tables.webhooks, project)
  const deliveries = (project: string, wanted: Wanted) => listDeliveries(dynamodb, tables.webhooks, project, wanted)

  return createAnswering(runtime, {
    add: addWebhook(changes, testReceiver),
    list: listWebhooksOfProject(list),
    rotate: rotateWebhook(changes),
    resume: resumeWebhook(changes),
    remove: removeWebhook(changes),
    test: testWebhook(list, publish),
    deliveries: listDeliveriesOfWebhooks(deliveries),
    changes: listChangesOfWebhooks((project) => listWebhookChanges(dynamodb, tables.webhooks, project)),
  })
}

export const handler = createLambdaHandler((runtime) => manageWebhooks(runtime))
