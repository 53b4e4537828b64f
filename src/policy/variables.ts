/**
 * Policy variables: replaces `${aws:PrincipalTag/team, 'none'}` in a resource or a condition value with the request's value.
 *
 * `${*}`, `${?}` and `${$}` are the characters themselves. A substituted value is literal: a `*` in a session tag is not a wildcard. A
 * variable has no value if its key is absent or has several values; the pattern then matches nothing. Documents of version 2008-10-17 have
 * no variables.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import { type Piece, piecesOf } from './match.ts'

export type Lookup = (key: string) => string | readonly string[] | undefined

/** The pieces of the pattern with its variables replaced; `undefined` if a variable has no value. */
export function substituteVariables(pattern: string, version: string, lookUp: Lookup): Piece[] | undefined {
  if (version === '2008-10-17') return piecesOf(pattern)
  const pieces: Piece[] = []
  let rest = pattern
  for (;;) {
    const start = rest.indexOf('${')
    const end = start === -1 ? -1 : rest.indexOf('}', start)
    if (end === -1) return [...pieces, ...piecesOf(rest)]
    pieces.push(...piecesOf(rest.slice(0, start)))
    const value = variableValueOf(rest.slice(start + 2, end), lookUp)
    if (value === undefined) return undefined
    pieces.push({ literal: value })
    rest = rest.slice(end + 1)
  }
}

function variableValueOf(expression: string, lookUp: Lookup): string | undefined {
  if (expression === '*' || expression === '?' || expression === '$') return expression
  const comma = expression.indexOf(',')
  const key = (comma === -1 ? expression : expression.slice(0, comma)).trim()
  const value = lookUp(key)
  if (typeof value === 'string') return value
  if (value !== undefined || comma === -1) return undefined
  const fallback = expression.slice(comma + 1).trim()
  return /^'.*'$/.test(fallback) ? fallback.slice(1, -1) : undefined
}
