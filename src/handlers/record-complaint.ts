/**
 * Complaints topic → suppression list.
 *
 * Runs as iam/notification-handler.yml: it may add evidence to the list, and nothing else.
 */
import middy from '@middy/core'
import { eachRecord, type Outcomes } from '../lambda/each-record.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { outcomeLog } from '../lambda/outcome-log.ts'
import type { LambdaHandler, Runtime } from '../lambda/runtime.ts'
import { createFeedbackRecorder } from './feedback.ts'

export function recordComplaint(runtime: Runtime): LambdaHandler<Outcomes> {
  const record = createFeedbackRecorder(runtime)
  return middy(eachRecord(record)).use(outcomeLog(runtime.log))
}

export const handler = createLambdaHandler(recordComplaint)
