/** Operations on webhooks: `add`, `list`, `rotate`, `resume`, `remove`, `test`, `deliveries`. */
import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import type { Publish } from '../events/bus.ts'
import { testRequestedEventOf } from '../events/webhook-events.ts'
import type { SettingsChange } from '../projects/changes.ts'
import { ProjectId } from '../projects/project.ts'
import { type WebhookChanges, WebhookError } from '../webhooks/change-webhooks.ts'
import type { DeliveryEntry, Wanted } from '../webhooks/deliveries.ts'
import type { Webhook } from '../webhooks/webhook.ts'
import { selectableTypes } from '../webhooks/webhook-events.ts'
import { readWebhookUrl } from '../webhooks/webhook-url.ts'
import type {
  AnswerOf,
  WebhookAnswer,
  WebhookChangesAnswer,
  WebhookDeliveriesAnswer,
  WebhookSecretAnswer,
  WebhooksAnswer,
} from './answers.ts'
import { createOperation } from './operation.ts'

const WebhookId = v.pipe(v.string(), v.regex(/^wh_[0-9a-f]{10}$/, 'must be the id of a webhook, such as wh_3f9a1c2b7d'))
const one = { project: ProjectId, webhook: WebhookId }

/** The secret is part of this answer, and of no other. */
export const addWebhook = (changes: Pick<WebhookChanges, 'add'>, testReceiver?: string) =>
  createOperation(
    {
      project: ProjectId,
      url: v.string(),
      types: v.optional(v.array(v.picklist(selectableTypes)), []),
    },
    async ({ project, url, types }, context): Promise<AnswerOf<typeof WebhookSecretAnswer>> =>
      changes.add(project, readWebhookUrl(url, testReceiver).href, types, context),
  )

export const rotateWebhook = (changes: Pick<WebhookChanges, 'rotate'>) =>
  createOperation(
    one,
    async ({ project, webhook }, context): Promise<AnswerOf<typeof WebhookSecretAnswer>> =>
      changes.rotate(project, webhook, context),
  )

export const resumeWebhook = (changes: Pick<WebhookChanges, 'resume'>) =>
  createOperation(one, async ({ project, webhook }, context): Promise<AnswerOf<typeof WebhookAnswer>> => {
    await changes.resume(project, webhook, context)
    return { id: webhook }
  })

export const removeWebhook = (changes: Pick<WebhookChanges, 'remove'>) =>
  createOperation(one, async ({ project, webhook }, context): Promise<AnswerOf<typeof WebhookAnswer>> => {
    await changes.remove(project, webhook, context)
    return { id: webhook }
  })

export const listWebhooksOfProject = (list: (project: string) => Promise<readonly Webhook[]>) =>
  createOperation(
    { project: ProjectId },
    async ({ project }): Promise<AnswerOf<typeof WebhooksAnswer>> => ({
      webhooks: await list(project),
    }),
  )

/** The history of the webhooks, oldest first. */
export const listChangesOfWebhooks = (list: (project: string) => Promise<readonly SettingsChange[]>) =>
  createOperation(
    { project: ProjectId },
    async ({ project }): Promise<AnswerOf<typeof WebhookChangesAnswer>> => ({
      changes: await list(project),
    }),
  )

/** Requests a test. Its delivery is in the log of deliveries under the event that is answered. */
export const testWebhook = (list: (project: string) => Promise<readonly Webhook[]>, publish: Publish) =>
  createOperation(one, async ({ project, webhook }): Promise<AnswerOf<typeof WebhookAnswer>> => {
    if (!(await list(project)).some(({ id }) => id === webhook))
      throw new WebhookError('webhook', project, `${webhook} does not exist: sesame webhook list ${project} names them`)
    const id = randomBytes(16).toString('hex')
    await publish([testRequestedEventOf(id, project, webhook)])
    return { id: webhook, event: `msg_${id}` }
  })

export const listDeliveriesOfWebhooks = (list: (project: string, wanted: Wanted) => Promise<DeliveryEntry[]>) =>
  createOperation(
    {
      project: ProjectId,
      webhook: v.optional(WebhookId),
      event: v.optional(v.pipe(v.string(), v.regex(/^msg_[0-9a-f]{32}$/, 'must be the id of an event'))),
      limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 50),
    },
    async ({ project, ...wanted }): Promise<AnswerOf<typeof WebhookDeliveriesAnswer>> => ({
      deliveries: await list(project, wanted),
    }),
  )
