/**
 * The suppression list as a table for people: address, what it is, why, since and until when, and the evidence.
 */
import type { Listed } from '../suppression/read-list.ts'
import { columnsOf } from './columns.ts'

export const suppressionTable = (listed: readonly Listed[]): string =>
  columnsOf([['address', 'state', 'reason', 'since', 'until', 'evidence'], ...listed.map(row)])

function row({ address, verdict }: Listed): string[] {
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
    minute(since),
    until ? minute(until) : 'reinstated',
    counted.join(', '),
  ]
}

const minute = (time: Date): string => time.toISOString().slice(0, 16).replace('T', ' ')
