/** The events that SES publishes for timelines and counts, by what a project wants to know. */
import type { EventType } from '@aws-sdk/client-sesv2'
import type { ActivityLevel } from '../projects/project.ts'

/** The event destination of activity in the project's configuration set. */
export const activityDestination = 'sesame-activity'

/** What the rates need. */
const feedbackTypes = ['BOUNCE', 'COMPLAINT', 'REJECT', 'RENDERING_FAILURE', 'SEND'] as const
const deliveryTypes = [...feedbackTypes, 'DELIVERY', 'DELIVERY_DELAY'] as const

/** With OPEN and CLICK, SES adds an image to each mail and rewrites its links. */
export const activityTypes: Readonly<Record<Exclude<ActivityLevel, 'off'>, readonly EventType[]>> = {
  feedback: feedbackTypes,
  delivery: deliveryTypes,
  engagement: [...deliveryTypes, 'CLICK', 'OPEN', 'SUBSCRIPTION'],
}
