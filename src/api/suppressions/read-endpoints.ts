/** Answers the routes that read the suppression list. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { AddressError, normaliseAddress } from '../../intake/address.ts'
import { checkRecipients, type MarksOf, type SendingStates } from '../../sending/check-recipients.ts'
import { type ErasureMark, isBlockedBy } from '../../suppression/erasure-mark.ts'
import { judge, type Verdict } from '../../suppression/judge.ts'
import { createListReader, recordOf, rulingsOf } from '../../suppression/read-list.ts'
import { createErasureMarks } from '../../suppression/read-marks.ts'
import type { Cursors } from '../cursor.ts'
import { endpointOf } from '../parse-input.ts'
import { Problem } from '../problem.ts'
import type { Endpoint } from '../route.ts'
import { readPage } from './list-page.ts'
import { noSuchProject } from './no-such-project.ts'
import { checkRoute, listRoute, lookupRoute } from './routes.ts'

export type ReadDependencies = {
  /** Project → a client that reaches its data. */
  readonly dataOf: (project: string) => Promise<DynamoDBClient>
  readonly suppressions: string
  readonly states: SendingStates
  readonly marksOf: MarksOf
  readonly cursors: Cursors
  /** Is told why the list could not be read. */
  readonly onUnreadable: (cause: unknown) => void
}

export function createReadEndpoints({
  dataOf,
  suppressions,
  states,
  marksOf,
  cursors,
  onUnreadable,
}: ReadDependencies): Endpoint[] {
  const stateOf = async (dynamodb: DynamoDBClient, project: string) => {
    const state = await states(dynamodb, project)
    if (!state) throw noSuchProject()
    return state
  }

  const check = endpointOf(checkRoute, async ({ addresses }, { project, at }) => {
    const checked = await checkRecipients(
      await dataOf(project),
      { suppressions, stateOf: states, marksOf },
      project,
      addresses,
      at,
      onUnreadable,
    )
    if (!checked) throw noSuchProject()
    return {
      outcomes: checked.decisions.map((decision) => {
        const { recipient: address, state } = decision
        if (decision.state === 'allowed') return { address, state }
        const { reason, since, until, detail } = decision
        return { address, state, reason, ...timesOf({ since, until }), detail }
      }),
    }
  })

  const list = endpointOf(listRoute, async (query, { project, at }) => {
    const { limit = '50', cursor, reason, since, state = 'suppressed' } = query
    const boundTo = [project, reason ?? '', since ?? '', state]
    const after = cursor === undefined ? undefined : cursors.read(cursor, boundTo)
    const dynamodb = await dataOf(project)
    const { rules } = (await stateOf(dynamodb, project)).project
    const matches = (verdict: Verdict) =>
      (state === 'all' || state === verdict.state) &&
      (reason === undefined ||
        (verdict.state === 'suppressed' && verdict.grounds.some((one) => one.reason === reason))) &&
      (since === undefined || (verdict.state === 'suppressed' && verdict.since >= new Date(since)))
    const page = { after, limit: Number(limit), matches }
    const { entries, next } = await readPage(dynamodb, suppressions, project, page, rules, at)
    return {
      entries: entries.map(({ address, verdict }) => ({ address, ...verdictFieldsOf(verdict) })),
      ...(next !== undefined && { next: cursors.write(next, boundTo) }),
    }
  })

  const lookup = endpointOf(lookupRoute, async ({ address: given }, { project, at }) => {
    const address = readAddress(given)
    const dynamodb = await dataOf(project)
    const { rules } = (await stateOf(dynamodb, project)).project
    const items = await createListReader(dynamodb, suppressions).itemsOf(project, address)
    const record = recordOf(items)
    const verdict = judge(record, rules, at)
    const markKeyOf = await marksOf(dynamodb, project)
    const mark = markKeyOf && (await createErasureMarks(dynamodb, suppressions, markKeyOf).find(project, address))
    const erased = verdict.state === 'clear' && isBlockedBy(mark, record.reinstated?.at) ? mark : undefined
    return {
      address,
      ...(erased ? erasedFieldsOf(erased) : verdictFieldsOf(verdict)),
      ...(verdict.state === 'suppressed' && { uncertain: verdict.uncertain }),
      evidence: verdict.evidence.map(({ kind, at: time, cause, status, diagnostic }) => ({
        kind,
        at: time.toISOString(),
        cause,
        ...(status !== undefined && { status }),
        ...(diagnostic !== undefined && { diagnostic }),
      })),
      history: rulingsOf(items).map((ruling) => ({ ...ruling, at: ruling.at.toISOString() })),
    }
  })

  return [check, list, lookup]
}

/** @throws Problem */
function readAddress(given: string): string {
  try {
    return normaliseAddress(given)
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    const errors = [{ pointer: '/address', detail: error.reason }]
    throw new Problem('invalid-request', { detail: `/address ${error.reason}.`, errors })
  }
}

const verdictFieldsOf = (verdict: Verdict) =>
  verdict.state === 'clear'
    ? ({ state: 'clear' } as const)
    : ({ state: 'suppressed', reason: verdict.reason, ...timesOf(verdict) } as const)

const erasedFieldsOf = ({ erasedAt }: ErasureMark) =>
  ({ state: 'suppressed', reason: 'erased', since: erasedAt.toISOString() }) as const

const timesOf = ({ since, until }: { since?: Date | undefined; until?: Date | undefined }) => ({
  ...(since && { since: since.toISOString() }),
  ...(until && { until: until.toISOString() }),
})
