/**
 * Delivers one event to one webhook: signs it, posts it, and records the outcome.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { Webhook as Signer } from 'standardwebhooks'
import type { Publish } from '../events/bus.ts'
import { switchedOffEventOf } from '../events/webhook-events.ts'
import { type Network, post } from './post.ts'
import type { DeliveryRecorder } from './record-delivery.ts'
import { isLasting, waitOfEvent, waitOfWebhook } from './schedule.ts'
import type { SigningWebhook } from './webhook.ts'
import { type OutgoingEvent, payloadOf } from './webhook-events.ts'

export type Delivery = { readonly project: string; readonly webhook: string; readonly event: OutgoingEvent }

type Deps = {
  readonly find: (project: string, webhook: string) => Promise<SigningWebhook | undefined>
  readonly record: DeliveryRecorder
  readonly publish: Publish
  readonly network: Network
  readonly now: () => Date
}

/** The event was not delivered and is tried again. The message holds neither the URL nor the content. */
export class NotDeliveredError extends Error {
  override readonly name = 'NotDeliveredError'
  readonly retryable = true
  readonly project: string
  readonly webhook: string
  readonly waitMs: number

  constructor({ project, webhook, event }: Delivery, why: string, waitMs: number) {
    super(
      `The event ${event.id} was not delivered to the webhook ${webhook} of project ${project}: ${why}. It is tried again in ${Math.ceil(waitMs / 1_000)} s`,
    )
    this.project = project
    this.webhook = webhook
    this.waitMs = waitMs
  }
}

/** What became of a delivery, as a word of the log. */
export type Delivered = 'delivered' | 'dropped' | 'given up'

/**
 * At least once: a crash after the request repeats it, with the same `webhook-id`.
 * @param receives how often the queue has delivered it, this time included
 * @param isLast whether the queue will not deliver it again
 * @returns function that throws NotDeliveredError if it is to be tried again
 */
export const createDeliver =
  (deps: Deps) =>
  async (delivery: Delivery, receives: number, isLast: boolean): Promise<Delivered> => {
    const { record, network, now } = deps
    const { project, event } = delivery
    const isTest = event.type === 'webhook.test'
    const webhook = await deps.find(project, delivery.webhook)
    if (!webhook) return 'dropped'
    const log = (outcome: Parameters<typeof record.log>[3]['outcome'], answer: string) =>
      record.log(project, webhook.id, event, { outcome, attempts: receives, answer, at: now() })
    if (webhook.off && !isTest) {
      await log('dropped', 'the webhook is switched off')
      return 'dropped'
    }
    const wait = webhook.retryAt ? webhook.retryAt.getTime() - now().getTime() : 0
    if (wait > 0 && !isTest) {
      // Of an event that was never tried, and of one that will not be tried again, the log would otherwise say nothing, or that it waits.
      if (receives === 1 || isLast) await log(isLast ? 'given up' : 'waiting', 'not tried: the receiver is failing')
      throw new NotDeliveredError(delivery, 'the receiver is failing', wait)
    }

    const result = await post(network, webhook.url, requestOf(webhook, event, now()))
    const answer = 'status' in result ? answerText(result.status) : result.failed
    if ('status' in result && result.status >= 200 && result.status < 300) {
      await log('delivered', answer)
      if (!isTest) await record.succeeded(project, webhook.id, now())
      return 'delivered'
    }
    await log(isTest || isLast ? 'given up' : 'waiting', answer)
    if (isTest) return 'given up'
    const isGone = 'status' in result && result.status === 410
    throw new NotDeliveredError(delivery, answer, await afterFailure(deps, delivery, webhook, answer, receives, isGone))
  }

/** Records that the webhook fails, and switches it off if that has lasted. @returns the wait until the next attempt */
async function afterFailure(
  { record, publish, now }: Deps,
  { project }: Delivery,
  webhook: SigningWebhook,
  answer: string,
  receives: number,
  isGone: boolean,
): Promise<number> {
  const at = now()
  const since = webhook.failingSince ?? at
  if (isGone || isLasting(since, at)) {
    const why = isGone ? 'the receiver answered 410 Gone' : `every attempt has failed: ${answer}`
    // First the event, whose id is the same at each repetition: a crash in between repeats it and loses nothing.
    await publish([switchedOffEventOf({ project, webhook: webhook.id, since, at, why })])
    await record.switchOff(project, webhook.id, at, why)
    return waitOfEvent(1)
  }
  const wait = waitOfWebhook(since, at)
  await record.failed(project, webhook.id, at, new Date(at.getTime() + wait))
  return Math.max(wait, waitOfEvent(receives))
}

/** The time of the signature is that of the attempt, so a receiver can refuse a request that somebody recorded and sends again. */
function requestOf({ secrets }: SigningWebhook, event: OutgoingEvent, at: Date) {
  const body = payloadOf(event)
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Sesame-Webhooks/1',
      'webhook-id': event.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': secrets.map((secret) => new Signer(secret).sign(event.id, at, body)).join(' '),
    },
  }
}

const answerText = (status: number): string =>
  status >= 300 && status < 400 ? `answered ${status}: redirects are not followed` : `answered ${status}`
