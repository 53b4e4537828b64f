/**
 * Every day → the report of each project with activity, in the bucket of reports.
 *
 * Runs as iam/report-writing.yml: it reads what reports are made from, and writes to this bucket only.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { STSClient } from '@aws-sdk/client-sts'
import { putObject } from '../access/role/put-object.ts'
import { listActive } from '../activity/active-projects.ts'
import { createStoredCounts } from '../activity/stored-counts.ts'
import { findSilence } from '../feeds/silence.ts'
import { failureOf } from '../lambda/failure.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { endpointOf, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { findConnectionState } from '../projects/connection-state.ts'
import { findHold } from '../projects/hold.ts'
import { findSendingState } from '../projects/sending-state.ts'
import { gatherReport, type ReportStores } from '../reports/gather-report.ts'
import { type PutReport, ReportNotStoredError, type ReportRun, writeReports } from '../reports/write-reports.ts'
import { createListReader } from '../suppression/read-list.ts'

/** Addresses of a list that are read: a minute or two. */
const mostAddresses = 1_000_000
/** Time that a run leaves unused: the reports under way end before the function's timeout. */
const reserveMs = 180_000

export function report(runtime: Runtime): LambdaHandler<ReportRun> {
  const { client, now, log } = runtime
  const dynamodb = new DynamoDBClient(client)
  const projects = readSetting(runtime, 'PROJECTS_TABLE')
  const list = createListReader(dynamodb, readSetting(runtime, 'SUPPRESSIONS_TABLE'))
  const countsTable = readSetting(runtime, 'COUNTS_TABLE')
  const stores: ReportStores = {
    counts: createStoredCounts(dynamodb, countsTable),
    holdOf: (project, at) => findHold(dynamodb, projects, project, at),
    silenceOf: (project) => findSilence(dynamodb, projects, project),
    connectionOf: (project) => findConnectionState(dynamodb, projects, project),
    recordsOf: (project) => list.records(project),
  }
  const bucket = {
    bucket: readSetting(runtime, 'REPORTS_BUCKET'),
    client: new STSClient(client),
    endpoint: endpointOf(runtime),
  }
  const put: PutReport = async (key, body, contentType) => {
    const { status } = await putObject(bucket, { key, body, contentType }, now)
    if (status !== 200) throw new ReportNotStoredError(status)
  }

  return async (_, context) => {
    const run = await writeReports({
      projects: () => listActive(dynamodb, countsTable),
      find: async (id) => (await findSendingState(dynamodb, projects, id, now()))?.project,
      gather: (project, days) => gatherReport(stores, project, days, mostAddresses, now()),
      put,
      now,
      hasTimeLeft: () => context.getRemainingTimeInMillis() > reserveMs,
      onFailure: (project, error) => log(JSON.stringify({ project, ...failureOf(error) })),
    })
    log(JSON.stringify(run))
    return run
  }
}

export const handler = createLambdaHandler(report)
