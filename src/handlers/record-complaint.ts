/**
 * Complaints topic → suppression list.
 *
 * Runs as iam/notification-handler.yml: it may add evidence to the list, and nothing else.
 */
import { recordFromTopic } from './apply-feedback.ts'
import { onLambda } from './surroundings.ts'

export const recordComplaint = recordFromTopic

export const handler = onLambda(recordComplaint)
