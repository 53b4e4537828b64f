/**
 * Queue that is subscribed to the activity topic → activity: one item for each event and recipient, and the live counts of the day.
 *
 * Runs as iam/analytics-processing.yml: it may put activity and add to counts, and neither read them nor touch the suppression list.
 */
import middy from '@middy/core'
import { createBatchCounts, type Seat } from '../activity/batch-counts.ts'
import { createLiveCounts } from '../activity/live-counts.ts'
import { createActivityWriter } from '../activity/record.ts'
import { readArrivingEvent, unreadableOf } from '../intake/read-event.ts'
import { UnreadableRecipientsError } from '../intake/unreadable-recipients-error.ts'
import { eachMessage, type MessageOutcomes } from '../lambda/each-message.ts'
import type { Outcome } from '../lambda/each-record.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { metricLineOf } from '../lambda/metric-line.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { tallyLog } from '../lambda/tally-log.ts'
import { createActivitySettings } from '../projects/activity-settings.ts'
import { createRoutes } from '../projects/routes.ts'
import { createLowOverheadClient } from './low-overhead-client.ts'

export function recordActivity(runtime: Runtime): LambdaHandler<MessageOutcomes> {
  const { log, now } = runtime
  const dynamodb = createLowOverheadClient(runtime)
  const projects = readSetting(runtime, 'PROJECTS_TABLE')
  const routes = createRoutes(dynamodb, projects, now)
  const settingsOf = createActivitySettings(dynamodb, projects, now)
  const keptDays = Number(readSetting(runtime, 'ACTIVITY_DAYS'))
  const activity = createActivityWriter(dynamodb, readSetting(runtime, 'ACTIVITY_TABLE'))
  const takeSeat = createBatchCounts(createLiveCounts(dynamodb, readSetting(runtime, 'COUNTS_TABLE'), now).add)

  const record = async (message: unknown, seat: Seat): Promise<Outcome> => {
    const event = readArrivingEvent(message, now())
    if (event.type === 'NonEvent') return { outcome: `acknowledged: ${event.reason}` }
    const project = await routes.ownerOf(event)
    const { days = keptDays, readers, recipients = 'failures' } = await settingsOf(project)
    const recorded = await activity.add(project, event, { days, readers: readers === 'keep', recipients }, now())
    if (recorded === 'expired') return { outcome: 'ignored: older than what is kept', project, type: event.type }
    await seat.add(project, recorded.day, recorded.added)
    if (recorded.failed) throw recorded.failed.cause
    const unreadable = unreadableOf(event)
    if (unreadable.length > 0) throw new UnreadableRecipientsError(unreadable, recorded.items)
    return { outcome: 'recorded', project, type: event.type }
  }
  const recordSeated = async (message: unknown): Promise<Outcome> => {
    const seat = takeSeat()
    try {
      return await record(message, seat)
    } finally {
      seat.leave()
    }
  }
  const recordAll = eachMessage(recordSeated, (facts) => log(JSON.stringify(facts)))
  const recordAndMeasure: LambdaHandler<MessageOutcomes> = async (event, { functionName }) => {
    const answer = await recordAll(event)
    const recorded = answer.outcomes.filter(({ outcome }) => outcome === 'recorded')
    log(metricLineOf({ EventsRecorded: recorded.length }, functionName, now()))
    return answer
  }
  return middy(recordAndMeasure).use(tallyLog(log))
}

export const handler = createLambdaHandler(recordActivity)
