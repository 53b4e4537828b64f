/**
 * Requests of applications to suppress and reinstate addresses → rulings in the suppression list.
 *
 * Runs as iam/suppression-ruling.yml. It writes the data of a project in a session for this project.
 */
import { createIdempotency } from '../api/idempotency.ts'
import type { HttpAnswer } from '../api/problem.ts'
import { createRuleEndpoints } from '../api/suppressions/rule-endpoints.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createAnsweringApi, createDataOf, tablesOf } from './api.ts'

export function ruleOnAddresses(runtime: Runtime): LambdaHandler<HttpAnswer> {
  const dataOf = createDataOf(runtime, 'rule')
  const idempotency = createIdempotency(dataOf, readSetting(runtime, 'SENDS_TABLE'))
  return createAnsweringApi(runtime, createRuleEndpoints({ dataOf, tables: tablesOf(runtime) }), idempotency)
}

export const handler = createLambdaHandler(ruleOnAddresses)
