/**
 * Addresses with their verdicts as a table: state, reason, since, until, evidence, and the latest ruling.
 */
import type { AddressRecord } from '../suppression/judge.ts'
import type { Listed } from '../suppression/read-list.ts'
import type { PastRuling } from '../suppression/stored-ruling.ts'
import { evidenceText, reasonText, rulingText } from './address-report.ts'
import { columnsOf, minuteOf } from './columns.ts'
import type { Column } from './output.ts'

type Row = Listed & { readonly ruling?: PastRuling | undefined }

export const listColumns: readonly Column<Row>[] = [
  ['address', ({ address }) => address],
  ['state', ({ verdict }) => verdict.state],
  ['reason', ({ verdict }) => reasonText(verdict)],
  ['since', ({ verdict }) => (verdict.state === 'clear' ? undefined : verdict.since)],
  ['until', ({ verdict }) => (verdict.state === 'clear' ? undefined : (verdict.until ?? 'until reinstated'))],
  ['evidence', ({ verdict }) => evidenceText(verdict)],
  ['ruling', ({ ruling }) => (ruling ? `${minuteOf(ruling.at)} ${rulingText(ruling)}` : undefined)],
]

/** The ruling that was made last; an older one of the other kind is overruled by it. */
export function latestRulingOf({ manual, reinstated }: AddressRecord): PastRuling | undefined {
  if (reinstated && (!manual || reinstated.at >= manual.at)) return { ...reinstated, decision: 'reinstate' }
  return manual && { ...manual, decision: 'suppress' }
}

export const suppressionTable = (listed: readonly Listed[]): string =>
  columnsOf([
    listColumns.map(([heading]) => heading),
    ...listed.map((row) =>
      listColumns.map(([, cell]) => {
        const value = cell(row)
        return value instanceof Date ? minuteOf(value) : String(value ?? '')
      }),
    ),
  ])
