/**
 * Wildcard matching of actions, resources and condition values, in bounded time whatever the pattern.
 *
 * `*` is any run of characters, `?` exactly one. An ARN is compared segment by segment, so that a wildcard in one of the
 * first five segments never swallows a colon.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */

/** One piece of a pattern: a literal text, or one of the two wildcards. A literal may itself hold `*`, from `${*}`. */
export type Piece = { literal: string } | { wildcard: '*' | '?' }

export function piecesOf(pattern: string): Piece[] {
  return (pattern.match(/[*?]|[^*?]+/g) ?? []).map((part) =>
    part === '*' || part === '?' ? { wildcard: part } : { literal: part },
  )
}

type Glyph = { kind: '*' | '?' | 'char'; char: string }

function symbolsOf(pieces: readonly Piece[]): Glyph[] {
  return pieces.flatMap((piece): Glyph[] =>
    'wildcard' in piece
      ? [{ kind: piece.wildcard, char: '' }]
      : [...piece.literal].map((char) => ({ kind: 'char', char })),
  )
}

/** Greedy matching with one point to return to: at most pattern × text steps, no recursion, no regular expression. */
export function matchesPieces(pieces: readonly Piece[], text: string): boolean {
  const symbols = symbolsOf(pieces)
  const chars = [...text]
  let at = 0
  let next = 0
  let star = -1
  let resume = 0
  while (at < chars.length) {
    const symbol = symbols[next]
    if (symbol?.kind === '*') {
      star = next
      resume = at
      next += 1
    } else if (symbol !== undefined && (symbol.kind === '?' || symbol.char === chars[at])) {
      next += 1
      at += 1
    } else if (star !== -1) {
      next = star + 1
      resume += 1
      at = resume
    } else {
      return false
    }
  }
  return symbols.slice(next).every(({ kind }) => kind === '*')
}

export function matchesAction(pattern: string, action: string): boolean {
  return matchesPieces(piecesOf(pattern.toLowerCase()), action.toLowerCase())
}

/** Six segments of an ARN pattern, the sixth with its colons; undefined when there are fewer. */
function segmentsOf(pieces: readonly Piece[]): Piece[][] | undefined {
  const segments: Piece[][] = [[]]
  for (const piece of pieces) {
    if ('wildcard' in piece) {
      segments.at(-1)?.push(piece)
      continue
    }
    const parts = piece.literal.split(':')
    parts.forEach((part, index) => {
      if (index > 0 && segments.length < 6) segments.push([])
      else if (index > 0) segments.at(-1)?.push({ literal: ':' })
      if (part !== '') segments.at(-1)?.push({ literal: part })
    })
  }
  return segments.length === 6 ? segments : undefined
}

/** Whether an ARN fits a pattern, segment by segment; undefined when one of the two is no ARN. */
export function likeArn(pattern: readonly Piece[], arn: string): boolean | undefined {
  const wanted = segmentsOf(pattern)
  const given = segmentsOf([{ literal: arn }])
  if (wanted === undefined || given === undefined) return undefined
  return wanted.every((pieces, index) => matchesPieces(pieces, textOf(given[index] ?? [])))
}

const textOf = (pieces: readonly Piece[]) => pieces.map((piece) => ('literal' in piece ? piece.literal : '')).join('')

/** Whether a statement's resource covers the request's; an action without resources asks for `*`, which only `*` covers. */
export function matchesResource(pattern: readonly Piece[], resource: string): boolean {
  const [first] = pattern
  if (pattern.length === 1 && first !== undefined && 'wildcard' in first && first.wildcard === '*') return true
  return likeArn(pattern, resource) ?? false
}
