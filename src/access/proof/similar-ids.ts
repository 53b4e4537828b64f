/** Near-miss external ids: what a condition with a wildcard or without regard to case would accept. Sends nothing, so that the command may use it. */
import { randomBytes } from 'node:crypto'

/** Near-miss ids that a pattern for the real id would accept as well: first or last digit changed, extended at both ends, in capitals. */
export function similarIdsOf(externalId: string): string[] {
  const other = (digit: string) => (digit === '0' ? '1' : '0')
  const noise = randomBytes(2).toString('hex')
  const all = [
    `${externalId.slice(0, -1)}${other(externalId.slice(-1))}`,
    `${other(externalId.slice(0, 1))}${externalId.slice(1)}`,
    `${noise}${externalId}${noise}`,
    externalId.toUpperCase(),
  ]
  return all.filter((id) => id !== externalId)
}
