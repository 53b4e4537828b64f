/**
 * Addresses with their verdicts as a table: state, reason, since, until, and the evidence.
 */
import type { Listed } from '../suppression/read-list.ts'
import { columnsOf, minuteOf } from './columns.ts'

export const suppressionTable = (listed: readonly Listed[]): string =>
  columnsOf([['address', 'state', 'reason', 'since', 'until', 'evidence'], ...listed.map(rowOf)])

function rowOf({ address, verdict }: Listed): string[] {
  const evidence = verdict.evidence.map(({ kind, cause }) => `${kind} ${cause}`)
  const counted = [...Map.groupBy(evidence, (text) => text)].map(([text, { length }]) =>
    length > 1 ? `${text} ×${length}` : text,
  )
  if (verdict.state === 'clear') return [address, 'clear', '', '', '', counted.join(', ')]
  const { reason, uncertain, since, until } = verdict
  return [
    address,
    'suppressed',
    uncertain ? `${reason} (uncertain)` : reason,
    minuteOf(since),
    until ? minuteOf(until) : 'until reinstated',
    counted.join(', '),
  ]
}
