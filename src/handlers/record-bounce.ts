/**
 * Bounces topic → suppression list.
 *
 * Runs as iam/notification-handler.yml: it may add evidence to the list, and nothing else.
 */

import { createLambdaHandler } from '../lambda/runtime.ts'
import { recordFromTopic } from './feedback.ts'

export const recordBounce = recordFromTopic

export const handler = createLambdaHandler(recordBounce)
