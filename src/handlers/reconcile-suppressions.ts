/**
 * Account lists of the customers ↔ the suppression list, brought in step: by the clock for whoever's turn has come, and for an operator.
 *
 * Runs as iam/suppression-reconcile.yml. An operator's request is `{ do: 'reconcile', project, preview }` and does one slice of the work;
 * whoever asks goes on asking until it is finished. Anything else is the clock.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { createSessions } from '../access/session/sessions.ts'
import { createPseudonyms } from '../lambda/pseudonym.ts'
import { createLambdaHandler, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { type Answer, createOperation, dispatch } from '../operations/operation.ts'
import type { UsableConnection } from '../projects/connection.ts'
import { createConnections } from '../projects/connections.ts'
import { allConnections, createDirectory } from '../projects/directory.ts'
import { ProjectId } from '../projects/project.ts'
import { createProjects } from '../projects/projects.ts'
import { createAccountLists } from '../propagation/account-list.ts'
import { createVerdictApplier } from '../propagation/apply-verdict.ts'
import { createExpiredSuppressions } from '../propagation/ended.ts'
import { createExpiries } from '../propagation/ends.ts'
import { createOutOfSync } from '../propagation/out-of-sync.ts'
import { createReconcile, type ReconcileStep } from '../propagation/reconcile.ts'
import { createReconcileStates } from '../propagation/reconcile-state.ts'
import { createScheduledRun } from '../propagation/scheduled-run.ts'
import { createTokenBucket, type TokenBucket } from '../propagation/token-bucket.ts'
import { createListReader } from '../suppression/read-list.ts'
import { createRulings } from '../suppression/rule-by-hand.ts'

/** An operator wants to see how it goes on. */
const sliceMs = 15_000
/** So much of the function's time is left to end in order. */
const reserveMs = 90_000
/** An answer has room for so many addresses. */
const mostSteps = 500
const callsAtOnce = 10

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

export function reconcileSuppressions(surroundings: Runtime, wait = sleep): LambdaHandler<Answer | undefined> {
  const { client, now, log } = surroundings
  const dynamodb = new DynamoDBClient({ ...client, cacheMiddleware: true })
  const table = readSetting(surroundings, 'PROJECTS_TABLE')
  const suppressionsTable = readSetting(surroundings, 'SUPPRESSIONS_TABLE')
  const perSecond = Number(readSetting(surroundings, 'CALLS_PER_SECOND'))
  const pseudonymOf = createPseudonyms(readSetting(surroundings, 'LOG_KEY'))
  const suppressions = createListReader(dynamodb, suppressionsTable)
  const states = createReconcileStates(dynamodb, table)
  const carry = createVerdictApplier(suppressions, createExpiries(dynamodb, table), now)

  /** SES counts calls by account and region. */
  const rates = new Map<string, TokenBucket>()
  const rateIn = ({ account, region }: UsableConnection): TokenBucket => {
    const key = `${account} ${region}`
    const rate = rates.get(key) ?? createTokenBucket({ perSecond, atOnce: callsAtOnce, now, wait })
    rates.set(key, rate)
    return rate
  }
  const listOf = createAccountLists(
    createSessions(new STSClient(client), now),
    (region, credentials) => new SESv2Client({ ...client, region, credentials, maxAttempts: 1, cacheMiddleware: true }),
  )
  const reconcile = createReconcile({
    projects: createProjects(dynamodb, table),
    connections: createConnections(dynamodb, table),
    listOf,
    rateOf: rateIn,
    states,
    suppressions,
    rulings: createRulings(dynamodb, suppressionsTable),
    carrier: carry,
    now,
  })
  const round = createScheduledRun({
    projects: () => createDirectory(dynamodb, table),
    connections: () => allConnections(dynamodb, table),
    states,
    ends: createExpiredSuppressions(dynamodb, table),
    behind: createOutOfSync(dynamodb, table),
    carrier: carry,
    listOf: (connection) => listOf(connection, rateIn(connection).next),
    reconcile,
    now,
  })

  const request = { project: ProjectId, preview: v.optional(v.boolean(), false) }
  const operations = {
    reconcile: createOperation(request, async ({ project: id, preview }) => {
      const steps: ReconcileStep[] = []
      const tell = (step: ReconcileStep) => void (steps.length < mostSteps && steps.push(step))
      const slice = await reconcile({ id, preview, until: new Date(now().getTime() + sliceMs), tell })
      return { ...slice, steps }
    }),
  }

  return async (event, context) => {
    if (v.is(Asked, event)) {
      const { invokedFunctionArn, awsRequestId } = context
      const [, partition = '', , region = '', account = ''] = invokedFunctionArn.split(':')
      const asking = { at: now(), request: awsRequestId, place: { partition, region, account } }
      return dispatch(operations, event, asking, (line) => log(JSON.stringify(line)))
    }
    const until = new Date(now().getTime() + Math.max(0, context.getRemainingTimeInMillis() - reserveMs))
    await round(until, ({ address, ...told }) =>
      log(JSON.stringify({ ...told, ...(address !== undefined && { address: pseudonymOf(address) }) })),
    )
    return undefined
  }
}

const Asked = v.object({ do: v.string() })

export const handler = createLambdaHandler(reconcileSuppressions)
