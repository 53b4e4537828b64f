/**
 * Customers' account lists ↔ suppression list: corrects the differences, on a schedule for every project that is due, and for one project when an
 * operator asks.
 *
 * Runs as iam/suppression-reconcile.yml. An operator's request is `{ do: 'reconcile', by, project, preview }`; any other event is the schedule's.
 */
import type { Context } from 'aws-lambda'
import { createAddressLog } from '../lambda/address-log.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { createPseudonyms } from '../lambda/pseudonym.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import type { Answer } from '../operations/operation.ts'
import { reconcile } from '../operations/reconcile.ts'
import { createConnections } from '../projects/connections.ts'
import { listDueWork, nextDirectorySlice } from '../projects/list-due-work.ts'
import { createProjects } from '../projects/projects.ts'
import { createAccountTokenBuckets } from '../propagation/account-token-buckets.ts'
import { createVerdictApplier } from '../propagation/apply-verdict.ts'
import { createDoneReconciles } from '../propagation/done-reconciles.ts'
import { createDueReconciles } from '../propagation/due-reconciles.ts'
import { createExpiredSuppressions } from '../propagation/expired-suppressions.ts'
import { createExpiries } from '../propagation/expiry.ts'
import { createOutOfSync } from '../propagation/out-of-sync.ts'
import { createReconcile } from '../propagation/reconcile.ts'
import { createReconcileStates } from '../propagation/reconcile-state.ts'
import { createScheduledRun } from '../propagation/scheduled-run.ts'
import { createMarkKeys } from '../suppression/erasure-mark.ts'
import { createListReader } from '../suppression/read-list.ts'
import { createErasureMarks } from '../suppression/read-marks.ts'
import { createRulings } from '../suppression/rule-by-hand.ts'
import { sleep } from '../time.ts'
import { createCustomerAccountLists } from './account-lists.ts'
import { createAnswering, isRequest } from './answering.ts'
import { createLowOverheadClient } from './low-overhead-client.ts'
import { withSharedConnections } from './shared-connections.ts'

/** Time that a scheduled run leaves unused, for the steps under way to end before the function's timeout. */
const reserveMs = 90_000

export function reconcileSuppressions(given: Runtime, wait = given.sleep ?? sleep): LambdaHandler<Answer | undefined> {
  const runtime = withSharedConnections(given)
  const { now } = runtime
  const dynamodb = createLowOverheadClient(runtime)
  const table = readSetting(runtime, 'PROJECTS_TABLE')
  const suppressionsTable = readSetting(runtime, 'SUPPRESSIONS_TABLE')
  const suppressions = createListReader(dynamodb, suppressionsTable)
  const states = createReconcileStates(dynamodb, table)
  const applier = createVerdictApplier(suppressions, createExpiries(dynamodb, table), now)
  const listOf = createCustomerAccountLists(runtime)
  const perSecond = Number(readSetting(runtime, 'CALLS_PER_SECOND'))
  const tokenBucketOf = createAccountTokenBuckets({ perSecond, now, wait })
  const log = createAddressLog(runtime.log, createPseudonyms(readSetting(runtime, 'LOG_KEY')))
  const reconcileProject = createReconcile({
    projects: createProjects(dynamodb, table),
    connections: createConnections(dynamodb, table),
    listOf,
    tokenBucketOf,
    states,
    suppressions,
    rulings: createRulings(dynamodb, suppressionsTable),
    marks: createErasureMarks(dynamodb, suppressionsTable, createMarkKeys(readSetting(runtime, 'LOG_KEY'))),
    applier,
    now,
  })
  const runDue = createScheduledRun({
    projects: createProjects(dynamodb, table),
    connections: createConnections(dynamodb, table),
    listDue: (at) => listDueWork(dynamodb, table, 'reconcile', at),
    nextSlice: (at) => nextDirectorySlice(dynamodb, table, 'reconcile', at),
    due: createDueReconciles(dynamodb, table),
    done: createDoneReconciles(dynamodb, table),
    states,
    expired: createExpiredSuppressions(dynamodb, table),
    outOfSync: createOutOfSync(dynamodb, table),
    applier,
    listOf: (connection) => listOf(connection, tokenBucketOf(connection).take),
    reconcile: reconcileProject,
    now,
  })
  const answer = createAnswering(runtime, { reconcile: reconcile(reconcileProject, now) })

  const runOnSchedule = async (context: Context): Promise<undefined> => {
    const remainingMs = Math.max(0, context.getRemainingTimeInMillis() - reserveMs)
    const totals = await runDue(new Date(now().getTime() + remainingMs), log)
    if (totals.due > 0) log(totals)
  }
  return async (event, context) => (isRequest(event) ? answer(event, context) : runOnSchedule(context))
}

export const handler = createLambdaHandler(reconcileSuppressions)
