/** Answers the routes that rule on addresses. Each ruling carries the server's time and the name of the caller as IAM attests it. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { concurrently } from '../../concurrently.ts'
import { AddressError, normaliseAddress } from '../../intake/address.ts'
import { findSendingState } from '../../projects/sending-state.ts'
import { createRulings } from '../../suppression/rule-by-hand.ts'
import { endpointOf } from '../parse-input.ts'
import type { Call, Endpoint } from '../route.ts'
import { type ImportedRow, importedRowOf, ruleOnImported } from './imported-row.ts'
import { noSuchProject } from './no-such-project.ts'
import { importRoute, reinstateRoute, suppressRoute } from './routes.ts'

export type RuleDependencies = {
  /** Project → a client that reaches its data. */
  readonly dataOf: (project: string) => Promise<DynamoDBClient>
  readonly tables: { readonly suppressions: string; readonly projects: string }
}

type Row = {
  readonly address: string
  readonly why: string
  /** What an import says about the address. */
  readonly imported?: ImportedRow
}
type Outcome =
  | 'recorded'
  | 'ignored: a newer ruling stands'
  | 'refused: not an address'
  | 'refused: not a date of a suppression'

const writesAtOnce = 20

export function createRuleEndpoints({ dataOf, tables }: RuleDependencies): Endpoint[] {
  /** Idempotent, because a ruling is. The outcomes are in the order of the rows. */
  async function ruleOn(decision: 'suppress' | 'reinstate', rows: readonly Row[], by: string, { project, at }: Call) {
    const dynamodb = await dataOf(project)
    if (!(await findSendingState(dynamodb, tables.projects, project, at))) throw noSuchProject()
    const rulings = createRulings(dynamodb, tables.suppressions)
    const outcomes = new Map<Row, Outcome>()
    await concurrently(rows, writesAtOnce, async (row) => {
      const address = findAddress(row.address)
      const outcome =
        address === undefined
          ? 'refused: not an address'
          : row.imported
            ? await ruleOnImported(rulings, project, address, row.imported, at)
            : await rulings[decision](project, address, { at, by, why: row.why })
      outcomes.set(row, outcome)
    })
    return { outcomes: rows.map((row) => ({ address: row.address, outcome: outcomes.get(row) ?? 'recorded' })) }
  }

  const rowsOf = ({ addresses, why }: { addresses: readonly string[]; why: string }): Row[] =>
    addresses.map((address) => ({ address, why }))

  return [
    endpointOf(suppressRoute, (body, call) => ruleOn('suppress', rowsOf(body), nameOf(call), call)),
    endpointOf(reinstateRoute, (body, call) => ruleOn('reinstate', rowsOf(body), nameOf(call), call)),
    endpointOf(importRoute, ({ source, rows }, call) => {
      const given = rows.map(
        ({ address, why = '', cause, at, until }): Row => ({
          address,
          why: why === '' ? source : `${source}: ${why}`,
          ...((cause ?? at ?? until) && {
            imported: importedRowOf({ source, cause: cause ?? 'manual', why, at, until }),
          }),
        }),
      )
      return ruleOn('suppress', given, nameOf(call), call)
    }),
  ]
}

/** With a prefix, so that no name of a role is taken for one of Sesame's own (stored-ruling.ts). */
const nameOf = ({ caller }: Call) => `api:${caller.name}`

function findAddress(text: string): string | undefined {
  try {
    return normaliseAddress(text)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}
