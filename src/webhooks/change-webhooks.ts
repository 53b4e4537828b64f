/**
 * Adds, rotates, resumes and removes webhooks. Each change and its history entry are one transaction.
 *
 * A secret is written and never read here: `rotate` lets DynamoDB copy it.
 */
import { randomBytes } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type ChangeContext, changeItemOf } from '../projects/changes.ts'
import { noSuchProjectError, settingsFacet } from '../projects/projects.ts'
import { keyOf } from '../projects/table.ts'
import { retryOnConflict, transact } from '../projects/transaction.ts'
import { dayMs } from '../time.ts'
import { listWebhooks, webhookIdOf, webhookPrefix } from './webhook.ts'

/** A change of a webhook is refused. `field` names what it is about. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly retryable = false
  readonly field: string
  readonly project: string

  constructor(field: string, project: string, why: string) {
    super(`${field} ${why}`)
    this.field = field
    this.project = project
  }
}

const maxWebhooks = 10
/** How long the former secret stays valid after a rotation. */
const formerSecretMs = dayMs

/** 256 random bits in the form of the specification. */
const createSecret = () => `whsec_${randomBytes(32).toString('base64')}`

export type Secret = { readonly id: string; readonly secret: string }
export type WebhookChanges = ReturnType<typeof createWebhookChanges>
type Tables = { readonly webhooks: string; readonly projects: string }

export function createWebhookChanges(dynamodb: DynamoDBClient, { webhooks, projects }: Tables) {
  const keyOfWebhook = (project: string, id: string) => keyOf(project, `${webhookPrefix}${id}`)

  /** Runs a change with its history entry. @throws WebhookError if the project has no such webhook */
  async function change(
    project: string,
    id: string,
    what: string,
    context: ChangeContext,
    part: Parameters<typeof transact>[1],
  ): Promise<void> {
    const history = changeItemOf(webhooks, project, context, what, { webhook: id })
    const refused = await retryOnConflict(project, () => transact(dynamodb, { ...part, history }))
    if (refused.size > 0)
      throw new WebhookError('webhook', project, `${id} does not exist: sesame webhook list ${project} names them`)
  }

  return {
    /**
     * Idempotent in effect: the id follows from the URL, so a repeated request finds the webhook and is refused.
     * @param url as src/webhooks/webhook-url.ts has checked it
     * @returns the secret, which is shown this once
     * @throws WebhookError | ProjectSettingsError | SettingsBusyError
     */
    async add(project: string, url: string, types: readonly string[], context: ChangeContext): Promise<Secret> {
      const id = webhookIdOf(project, url)
      const others = (await listWebhooks(dynamodb, webhooks, project)).filter((one) => one.id !== id)
      if (others.length >= maxWebhooks)
        throw new WebhookError('project', project, `${project} has ${maxWebhooks} webhooks already: remove one first`)
      const secret = createSecret()
      const refused = await retryOnConflict(project, async () =>
        transact(dynamodb, {
          project: {
            ConditionCheck: {
              TableName: projects,
              Key: keyOf(project, settingsFacet),
              ConditionExpression: 'attribute_exists(settings)',
            },
          },
          webhook: {
            Put: {
              TableName: webhooks,
              Item: {
                ...keyOfWebhook(project, id),
                target: { S: url },
                eventTypes: { S: types.join(',') },
                secret: { S: secret },
                addedAt: { S: context.at.toISOString() },
                addedBy: { S: context.by },
              },
              ConditionExpression: 'attribute_not_exists(id)',
            },
          },
          history: changeItemOf(webhooks, project, context, 'webhook added', { webhook: id, types: types.join(', ') }),
        }),
      )
      if (refused.has('project')) throw noSuchProjectError(project)
      if (refused.size > 0)
        throw new WebhookError('url', project, `belongs to the webhook ${id} already: rotate it to get a new secret`)
      return { id, secret }
    },

    /**
     * Makes a new secret. Requests carry signatures of both for a day. Not idempotent: a second rotation within the day ends the first secret.
     * @returns the new secret, which is shown this once
     * @throws WebhookError | SettingsBusyError
     */
    async rotate(project: string, id: string, context: ChangeContext): Promise<Secret & { readonly until: Date }> {
      const secret = createSecret()
      const until = new Date(context.at.getTime() + formerSecretMs)
      await change(project, id, 'webhook secret rotated', context, {
        webhook: {
          Update: {
            TableName: webhooks,
            Key: keyOfWebhook(project, id),
            UpdateExpression: 'SET formerSecret = secret, secret = :secret, formerUntil = :until',
            ConditionExpression: 'attribute_exists(addedAt)',
            ExpressionAttributeValues: { ':secret': { S: secret }, ':until': { S: until.toISOString() } },
          },
        },
      })
      return { id, secret, until }
    },

    /** Switches a webhook on again. Idempotent. @throws WebhookError | SettingsBusyError */
    async resume(project: string, id: string, context: ChangeContext): Promise<void> {
      await change(project, id, 'webhook resumed', context, {
        webhook: {
          Update: {
            TableName: webhooks,
            Key: keyOfWebhook(project, id),
            UpdateExpression: 'REMOVE offAt, offWhy, failingSince, retryAt',
            ConditionExpression: 'attribute_exists(addedAt)',
          },
        },
      })
    },

    /** Deletes a webhook with its secrets. Idempotent in effect: a repetition finds none. @throws WebhookError | SettingsBusyError */
    async remove(project: string, id: string, context: ChangeContext): Promise<void> {
      await change(project, id, 'webhook removed', context, {
        webhook: {
          Delete: {
            TableName: webhooks,
            Key: keyOfWebhook(project, id),
            ConditionExpression: 'attribute_exists(addedAt)',
          },
        },
      })
    },
  }
}
