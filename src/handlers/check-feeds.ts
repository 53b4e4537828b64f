/**
 * Every hour → whether the events of each connected project still arrive.
 *
 * Runs as iam/feed-check.yml: it reads counts and connections, and asks customers' accounts how much they sent.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import { createSessions } from '../access/session/sessions.ts'
import { createStoredCounts } from '../activity/stored-counts.ts'
import { createEventBus } from '../events/bus.ts'
import { checkFeeds as checkAllFeeds, type FeedRun } from '../feeds/check-feeds.ts'
import { createSilenceRecorder } from '../feeds/record-silence.ts'
import { readSentLast24Hours } from '../feeds/sent-last-24-hours.ts'
import { findSilence } from '../feeds/silence.ts'
import { listWatched } from '../feeds/watched.ts'
import { failureOf } from '../lambda/failure.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { metricLineOf } from '../lambda/metric-line.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createProofs } from '../projects/proofs.ts'
import { withSharedConnections } from './shared-connections.ts'

/** Time that a run leaves unused: the accounts under way end before the function's timeout. */
const reserveMs = 60_000

export function checkFeeds(given: Runtime): LambdaHandler<FeedRun> {
  const runtime = withSharedConnections(given)
  const { client, now, log } = runtime
  const dynamodb = new DynamoDBClient(client)
  const table = readSetting(runtime, 'PROJECTS_TABLE')
  const sessions = createSessions(new STSClient(client), now)
  const proofs = createProofs(dynamodb, table)
  const logFailure = (project: string, error: unknown) => log(JSON.stringify({ project, ...failureOf(error) }))
  const deps = {
    counts: createStoredCounts(dynamodb, readSetting(runtime, 'COUNTS_TABLE')),
    findSilence: (project: string) => findSilence(dynamodb, table, project),
    record: createSilenceRecorder(dynamodb, table),
    lastProofOf: async (project: string) => (await proofs.of(project).next()).value,
    sentLast24Hours: readSentLast24Hours(
      sessions,
      (region, credentials) => new SESv2Client({ ...client, region, credentials }),
    ),
    publish: createEventBus(new EventBridgeClient(client), readSetting(runtime, 'EVENT_BUS')).publish,
    now,
    onFailure: logFailure,
  }

  return async (_, context) => {
    const watched = await listWatched(dynamodb, table, logFailure)
    const hasTimeLeft = () => context.getRemainingTimeInMillis() > reserveMs
    const run = await checkAllFeeds({ ...deps, hasTimeLeft }, watched)
    log(metricLineOf({ SilentFeeds: run.silent }, context.functionName, now()))
    log(JSON.stringify(run))
    return run
  }
}

export const handler = createLambdaHandler(checkFeeds)
