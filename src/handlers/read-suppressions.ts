/**
 * Requests of applications about the suppression list → who may be mailed, and why not.
 *
 * Runs as iam/suppression-reading.yml. It reads the data of a project in a session for this project.
 */
import { createCursors } from '../api/cursor.ts'
import type { HttpAnswer } from '../api/problem.ts'
import { createReadEndpoints } from '../api/suppressions/read-endpoints.ts'
import { failureOf } from '../lambda/failure.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createMarksOf, createSendingStates } from '../sending/check-recipients.ts'
import { createMarkKeys } from '../suppression/erasure-mark.ts'
import { createAnsweringApi, createDataOf, tablesOf } from './api.ts'

export function readSuppressions(runtime: Runtime): LambdaHandler<HttpAnswer> {
  const { suppressions, projects } = tablesOf(runtime)
  const endpoints = createReadEndpoints({
    dataOf: createDataOf(runtime, 'read'),
    suppressions,
    states: createSendingStates(projects, runtime.now),
    marksOf: createMarksOf(suppressions, createMarkKeys(readSetting(runtime, 'LOG_KEY')), runtime.now),
    cursors: createCursors(readSetting(runtime, 'LOG_KEY')),
    onUnreadable: (cause) => runtime.log(JSON.stringify({ ...failureOf(cause), of: 'reading the list' })),
  })
  return createAnsweringApi(runtime, endpoints)
}

export const handler = createLambdaHandler(readSuppressions)
