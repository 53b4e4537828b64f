/**
 * Queue that is subscribed to the activity topic → activity: one item for each event and recipient.
 *
 * Runs as iam/analytics-processing.yml: it may put activity, and neither read it nor touch the suppression list.
 */
import middy from '@middy/core'
import { createActivityWriter } from '../activity/record.ts'
import { readArrivingEvent, unreadableOf } from '../intake/read-event.ts'
import { UnreadableRecipientsError } from '../intake/unreadable-recipients-error.ts'
import { eachMessage, type MessageOutcomes } from '../lambda/each-message.ts'
import type { Outcome } from '../lambda/each-record.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { tallyLog } from '../lambda/tally-log.ts'
import { createRoutes } from '../projects/routes.ts'
import { createLowOverheadClient } from './low-overhead-client.ts'

export function recordActivity(runtime: Runtime): LambdaHandler<MessageOutcomes> {
  const { log, now } = runtime
  const dynamodb = createLowOverheadClient(runtime)
  const routes = createRoutes(dynamodb, readSetting(runtime, 'PROJECTS_TABLE'), now)
  const keptDays = Number(readSetting(runtime, 'ACTIVITY_DAYS'))
  const activity = createActivityWriter(dynamodb, readSetting(runtime, 'ACTIVITY_TABLE'), keptDays)

  const record = async (message: unknown): Promise<Outcome> => {
    const event = readArrivingEvent(message, now())
    if (event.type === 'NonEvent') return { outcome: `acknowledged: ${event.reason}` }
    const project = await routes.ownerOf(event)
    const items = await activity.add(project, event)
    const unreadable = unreadableOf(event)
    if (unreadable.length > 0) throw new UnreadableRecipientsError(unreadable, items)
    return { outcome: 'recorded', project, type: event.type }
  }
  return middy(eachMessage(record, (facts) => log(JSON.stringify(facts)))).use(tallyLog(log))
}

export const handler = createLambdaHandler(recordActivity)
