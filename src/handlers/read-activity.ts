/**
 * Requests of applications about their mail → reports, timelines, and what happened to a recipient.
 *
 * Runs as iam/report-reading.yml. It reads the data of a project in a session for this project.
 */
import { createActivityEndpoints } from '../api/activity/endpoints.ts'
import type { HttpAnswer } from '../api/problem.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createAnsweringApi, createDataOf, tablesOf } from './api.ts'

export function readActivity(runtime: Runtime): LambdaHandler<HttpAnswer> {
  const tables = {
    ...tablesOf(runtime),
    activity: readSetting(runtime, 'ACTIVITY_TABLE'),
    counts: readSetting(runtime, 'COUNTS_TABLE'),
  }
  return createAnsweringApi(runtime, createActivityEndpoints(createDataOf(runtime, 'report'), tables))
}

export const handler = createLambdaHandler(readActivity)
