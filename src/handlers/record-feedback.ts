/**
 * Queue that is subscribed to customers' own topics → suppression list.
 *
 * Runs as iam/notification-handler.yml: it may add evidence to the list, and nothing else.
 */
import middy from '@middy/core'
import { createAttestation } from '../configuration/attestation.ts'
import { deliveryOf } from '../intake/sns-envelope.ts'
import { eachMessage, type MessageOutcomes } from '../lambda/each-message.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { outcomeLog } from '../lambda/outcome-log.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { type Attest, createFeedbackRecorder } from './feedback.ts'
import { createLowOverheadClient } from './low-overhead-client.ts'

export function recordFeedback(runtime: Runtime): LambdaHandler<MessageOutcomes> {
  const { log, now } = runtime
  const dynamodb = createLowOverheadClient(runtime)
  const attestation = createAttestation(dynamodb, readSetting(runtime, 'PROJECTS_TABLE'), now)
  const attest: Attest = (event, record, project) => attestation.check(event, deliveryOf(record), project)
  const record = createFeedbackRecorder(runtime, dynamodb, attest)
  return middy(eachMessage(record, (facts) => log(JSON.stringify(facts)))).use(outcomeLog(log))
}

export const handler = createLambdaHandler(recordFeedback)
