/**
 * Queue of customers' topics → suppression list: the second way in.
 *
 * Runs as iam/notification-handler.yml: it may add evidence to the list, and nothing else.
 */
import middy from '@middy/core'
import { attestation } from '../configuration/attestation.ts'
import { deliveryOf } from '../intake/sns-envelope.ts'
import { applyFeedback, recordersDynamoDb } from './apply-feedback.ts'
import { eachMessage, type MessageOutcomes } from './each-message.ts'
import { outcomeLog } from './outcome-log.ts'
import { type LambdaHandler, onLambda, type Surroundings, setting } from './surroundings.ts'

export function recordFeedback(surroundings: Surroundings): LambdaHandler<MessageOutcomes> {
  const { log, now } = surroundings
  const dynamodb = recordersDynamoDb(surroundings)
  const { check } = attestation(dynamodb, setting(surroundings, 'PROJECTS_TABLE'), now)
  const apply = applyFeedback(surroundings, dynamodb, (event, letter, project) =>
    check(event, deliveryOf(letter), project),
  )
  return middy(eachMessage(apply, (facts) => log(JSON.stringify(facts)))).use(outcomeLog(log))
}

export const handler = onLambda(recordFeedback)
