/** A dead letter of deliver-webhook → what it says about itself: a delivery to one webhook, or an event for all webhooks of a project. Pure. */
import * as v from 'valibot'

const Delivery = v.object({ project: v.string(), webhook: v.string(), event: v.object({ type: v.string() }) })
const BusEvent = v.object({ 'detail-type': v.string(), detail: v.object({ project: v.string() }) })

export type WebhookLetter = { readonly what: string; readonly project?: string; readonly cause: string }

export function readWebhookLetter(content: unknown): WebhookLetter {
  const delivery = v.safeParse(Delivery, content)
  if (delivery.success) {
    const { project, webhook, event } = delivery.output
    const cause = `The receiver accepted no attempt: sesame webhook deliveries ${project} shows its answers`
    return { what: `${event.type} to ${webhook}`, project, cause }
  }
  const busEvent = v.safeParse(BusEvent, content)
  const cause = 'unknown: see the log of deliver-webhook'
  if (!busEvent.success) return { what: 'no event', cause }
  return { what: busEvent.output['detail-type'], project: busEvent.output.detail.project, cause }
}
