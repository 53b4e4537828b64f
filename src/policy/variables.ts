/**
 * Policy variables: `${aws:PrincipalTag/team, 'none'}` in a resource or a condition value becomes what the request carries.
 *
 * `${*}`, `${?}` and `${$}` are those characters themselves. What a variable brings in is literal: a `*` in a session tag
 * is no wildcard. A variable whose key the request lacks, or holds many values for, has no value and the pattern then
 * matches nothing. Documents of version 2008-10-17 know no variables.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import { type Piece, piecesOf } from './match.ts'

export type Lookup = (key: string) => string | readonly string[] | undefined

/** The pattern with its variables filled in; undefined when one of them has no value. */
export function fillIn(pattern: string, version: string, lookUp: Lookup): Piece[] | undefined {
  if (version === '2008-10-17') return piecesOf(pattern)
  const pieces: Piece[] = []
  let rest = pattern
  for (;;) {
    const start = rest.indexOf('${')
    const end = start === -1 ? -1 : rest.indexOf('}', start)
    if (end === -1) return [...pieces, ...piecesOf(rest)]
    pieces.push(...piecesOf(rest.slice(0, start)))
    const value = substitute(rest.slice(start + 2, end), lookUp)
    if (value === undefined) return undefined
    pieces.push({ literal: value })
    rest = rest.slice(end + 1)
  }
}

function substitute(expression: string, lookUp: Lookup): string | undefined {
  if (expression === '*' || expression === '?' || expression === '$') return expression
  const comma = expression.indexOf(',')
  const key = (comma === -1 ? expression : expression.slice(0, comma)).trim()
  const found = lookUp(key)
  if (typeof found === 'string') return found
  if (found !== undefined || comma === -1) return undefined
  const fallback = expression.slice(comma + 1).trim()
  return /^'.*'$/.test(fallback) ? fallback.slice(1, -1) : undefined
}
