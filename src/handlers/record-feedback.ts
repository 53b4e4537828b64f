/**
 * Feedback of SES → suppression list: what the functions record-bounce and record-complaint have in common.
 * Each takes whatever its topic brings: a complaint that comes in at the bounces' door is recorded all the same.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import middy from '@middy/core'
import { routesFrom } from '../connection/routes.ts'
import type { SesEvent } from '../intake/event.ts'
import { readEvent } from '../intake/read-event.ts'
import { evidenceWriter } from '../suppression/add-evidence.ts'
import { findingsOf } from '../suppression/evidence.ts'
import { eachRecord, type Outcome, type Outcomes } from './each-record.ts'
import { outcomeLog } from './outcome-log.ts'
import { pseudonymsWith } from './pseudonym.ts'
import { type LambdaHandler, type Surroundings, setting } from './surroundings.ts'

export function recordFeedback(surroundings: Surroundings): LambdaHandler<Outcomes> {
  // Each command's middleware is put together once and not for each call.
  const dynamodb = new DynamoDBClient({ ...surroundings.client, cacheMiddleware: true })
  const routes = routesFrom(dynamodb, setting(surroundings, 'PROJECTS_TABLE'), surroundings.now)
  const suppressions = evidenceWriter(dynamodb, setting(surroundings, 'SUPPRESSIONS_TABLE'))
  const pseudonymOf = pseudonymsWith(setting(surroundings, 'LOG_KEY'))

  async function record(event: SesEvent): Promise<Outcome> {
    const project = await routes.ownerOf(event)
    const findings = findingsOf(event)
    if (findings.type === 'ignored') return { outcome: `ignored: ${findings.why}`, project }
    const { about } = findings
    await suppressions.add(project, about)
    const feedbackId = [...about.values()][0]?.feedbackId
    return { outcome: 'recorded', project, feedbackId, addresses: [...about.keys()].map(pseudonymOf) }
  }

  return middy(
    eachRecord(async (letter) => {
      const event = readEvent(letter)
      return event.type === 'NonEvent' ? { outcome: `acknowledged: ${event.reason}` } : record(event)
    }),
  ).use(outcomeLog(surroundings.log))
}
