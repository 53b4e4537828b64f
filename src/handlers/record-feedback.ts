/**
 * Queue of customers' topics → suppression list: the second way in.
 *
 * Runs as iam/notification-handler.yml: it may add evidence to the list, and nothing else.
 */
import middy from '@middy/core'
import { createAttestation } from '../configuration/attestation.ts'
import { deliveryOf } from '../intake/sns-envelope.ts'
import { eachMessage, type MessageOutcomes } from '../lambda/each-message.ts'
import { outcomeLog } from '../lambda/outcome-log.ts'
import { createLambdaHandler, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { applyFeedback, createLowOverheadClient } from './feedback.ts'

export function recordFeedback(surroundings: Runtime): LambdaHandler<MessageOutcomes> {
  const { log, now } = surroundings
  const dynamodb = createLowOverheadClient(surroundings)
  const { check } = createAttestation(dynamodb, readSetting(surroundings, 'PROJECTS_TABLE'), now)
  const apply = applyFeedback(surroundings, dynamodb, (event, letter, project) =>
    check(event, deliveryOf(letter), project),
  )
  return middy(eachMessage(apply, (facts) => log(JSON.stringify(facts)))).use(outcomeLog(log))
}

export const handler = createLambdaHandler(recordFeedback)
