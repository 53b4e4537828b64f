/**
 * Matches actions, resources and condition values against patterns with wildcards, in bounded time for every pattern.
 *
 * `*` matches any run of characters and `?` exactly one. An ARN is compared segment by segment, so a wildcard in one of the first five
 * segments never matches a colon.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */

/** One piece of a pattern: literal text or a wildcard. Literal text can contain `*`, which comes from `${*}`. */
export type Piece = { literal: string } | { wildcard: '*' | '?' }

export function piecesOf(pattern: string): Piece[] {
  return (pattern.match(/[*?]|[^*?]+/g) ?? []).map((part) =>
    part === '*' || part === '?' ? { wildcard: part } : { literal: part },
  )
}

type PatternSymbol = { kind: '*' | '?' | 'char'; char: string }

function symbolsOf(pieces: readonly Piece[]): PatternSymbol[] {
  return pieces.flatMap((piece): PatternSymbol[] =>
    'wildcard' in piece
      ? [{ kind: piece.wildcard, char: '' }]
      : [...piece.literal].map((char) => ({ kind: 'char', char })),
  )
}

/** A text without a code point of two units is matched faster, part by part. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
const ascii = /^[\x00-\x7f]*$/

/** Whether the pieces, none of which is `?`, cover an ASCII text: the first part at its start, the last at its end, the others in order. */
function matchesParts(pieces: readonly Piece[], text: string): boolean {
  const parts = ['']
  for (const piece of pieces) {
    if ('wildcard' in piece) parts.push('')
    else parts[parts.length - 1] += piece.literal
  }
  const [first = '', ...others] = parts
  const last = others.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let index = first.length
  for (const part of others) {
    const at = text.indexOf(part, index)
    if (at === -1) return false
    index = at + part.length
  }
  return text.length - index >= last.length && text.endsWith(last)
}

/** Matches greedily and backtracks to the last `*` only: at most pattern × text steps, no recursion, no regular expression. */
export function matchesPieces(pieces: readonly Piece[], text: string): boolean {
  if (ascii.test(text) && !pieces.some((piece) => 'wildcard' in piece && piece.wildcard === '?'))
    return matchesParts(pieces, text)
  const symbols = symbolsOf(pieces)
  const chars = [...text]
  let textIndex = 0
  let symbolIndex = 0
  let lastStar = -1
  let resumeIndex = 0
  while (textIndex < chars.length) {
    const symbol = symbols[symbolIndex]
    if (symbol?.kind === '*') {
      lastStar = symbolIndex
      resumeIndex = textIndex
      symbolIndex += 1
    } else if (symbol !== undefined && (symbol.kind === '?' || symbol.char === chars[textIndex])) {
      symbolIndex += 1
      textIndex += 1
    } else if (lastStar !== -1) {
      symbolIndex = lastStar + 1
      resumeIndex += 1
      textIndex = resumeIndex
    } else {
      return false
    }
  }
  return symbols.slice(symbolIndex).every(({ kind }) => kind === '*')
}

/** Action patterns in pieces. The patterns of a deployment are few, and each call compares many of them. */
const actionPatterns = new Map<string, readonly Piece[]>()
const maxActionPatterns = 10_000

export function matchesAction(pattern: string, action: string): boolean {
  let pieces = actionPatterns.get(pattern)
  if (pieces === undefined) {
    if (actionPatterns.size >= maxActionPatterns) actionPatterns.clear()
    pieces = piecesOf(pattern.toLowerCase())
    actionPatterns.set(pattern, pieces)
  }
  return matchesPieces(pieces, action.toLowerCase())
}

/** The six segments of an ARN pattern, of which the sixth can contain colons; `undefined` if there are fewer. */
export function segmentsOf(pieces: readonly Piece[]): Piece[][] | undefined {
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

/** Whether an ARN matches a pattern, segment by segment; `undefined` if either is not an ARN. */
export function matchesArn(pattern: readonly Piece[], arn: string): boolean | undefined {
  const patternSegments = segmentsOf(pattern)
  const arnSegments = segmentsOf([{ literal: arn }])
  if (patternSegments === undefined || arnSegments === undefined) return undefined
  return patternSegments.every((pieces, index) => matchesPieces(pieces, textOf(arnSegments[index] ?? [])))
}

const textOf = (pieces: readonly Piece[]) => pieces.map((piece) => ('literal' in piece ? piece.literal : '')).join('')

/** Whether a statement's resource covers the request's. The resource of an action without resources is `*`, which only `*` covers. */
export function matchesResource(pattern: readonly Piece[], resource: string): boolean {
  const [first] = pattern
  if (pattern.length === 1 && first !== undefined && 'wildcard' in first && first.wildcard === '*') return true
  return matchesArn(pattern, resource) ?? false
}
