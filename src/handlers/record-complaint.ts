/**
 * Complaints topic → suppression list.
 *
 * Runs as iam/notification-handler.yml: it may add evidence to the list, and nothing else.
 */
import { recordFeedback } from './record-feedback.ts'
import { onLambda } from './surroundings.ts'

export const recordComplaint = recordFeedback

export const handler = onLambda(recordComplaint)
