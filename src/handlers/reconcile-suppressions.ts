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
import type { UsableConnection } from '../connection/connection.ts'
import { connectionsIn } from '../connection/connections.ts'
import { allConnections, allProjects } from '../connection/directory.ts'
import { type Answer, dispatch, operation } from '../connection/operation.ts'
import { ProjectId } from '../connection/project.ts'
import { projectsIn } from '../connection/projects.ts'
import { sessionsInto } from '../connection/sessions.ts'
import { accountLists } from '../propagation/account-list.ts'
import { behindIn } from '../propagation/behind.ts'
import { carrier } from '../propagation/carry.ts'
import { endedIn } from '../propagation/ended.ts'
import { endsIn } from '../propagation/ends.ts'
import { type Rate, rateOf } from '../propagation/rate.ts'
import { reconciling, type Step } from '../propagation/reconcile.ts'
import { statesIn } from '../propagation/reconcile-state.ts'
import { rounds } from '../propagation/round.ts'
import { listReader } from '../suppression/read-list.ts'
import { rulings } from '../suppression/rule-by-hand.ts'
import { pseudonymsWith } from './pseudonym.ts'
import { type LambdaHandler, onLambda, type Surroundings, setting } from './surroundings.ts'

/** An operator wants to see how it goes on. */
const sliceMs = 15_000
/** So much of the function's time is left to end in order. */
const reserveMs = 90_000
/** An answer has room for so many addresses. */
const mostSteps = 500
const callsAtOnce = 10

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

export function reconcileSuppressions(surroundings: Surroundings, wait = sleep): LambdaHandler<Answer | undefined> {
  const { client, now, log } = surroundings
  const dynamodb = new DynamoDBClient({ ...client, cacheMiddleware: true })
  const table = setting(surroundings, 'PROJECTS_TABLE')
  const suppressionsTable = setting(surroundings, 'SUPPRESSIONS_TABLE')
  const perSecond = Number(setting(surroundings, 'CALLS_PER_SECOND'))
  const pseudonymOf = pseudonymsWith(setting(surroundings, 'LOG_KEY'))
  const suppressions = listReader(dynamodb, suppressionsTable)
  const states = statesIn(dynamodb, table)
  const carry = carrier(suppressions, endsIn(dynamodb, table), now)

  /** SES counts calls by account and region. */
  const rates = new Map<string, Rate>()
  const rateIn = ({ account, region }: UsableConnection): Rate => {
    const key = `${account} ${region}`
    const rate = rates.get(key) ?? rateOf({ perSecond, atOnce: callsAtOnce, now, wait })
    rates.set(key, rate)
    return rate
  }
  const listOf = accountLists(
    sessionsInto(new STSClient(client), now),
    (region, credentials) => new SESv2Client({ ...client, region, credentials, maxAttempts: 1, cacheMiddleware: true }),
  )
  const reconcile = reconciling({
    projects: projectsIn(dynamodb, table),
    connections: connectionsIn(dynamodb, table),
    listOf,
    rateOf: rateIn,
    states,
    suppressions,
    rulings: rulings(dynamodb, suppressionsTable),
    carrier: carry,
    now,
  })
  const round = rounds({
    projects: () => allProjects(dynamodb, table),
    connections: () => allConnections(dynamodb, table),
    states,
    ends: endedIn(dynamodb, table),
    behind: behindIn(dynamodb, table),
    carrier: carry,
    listOf: (connection) => listOf(connection, rateIn(connection).next),
    reconcile,
    now,
  })

  const request = { project: ProjectId, preview: v.optional(v.boolean(), false) }
  const operations = {
    reconcile: operation(request, async ({ project: id, preview }) => {
      const steps: Step[] = []
      const tell = (step: Step) => void (steps.length < mostSteps && steps.push(step))
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

export const handler = onLambda(reconcileSuppressions)
