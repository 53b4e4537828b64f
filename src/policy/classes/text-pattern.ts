/**
 * Patterns of text as sequences of steps, from which words.ts walks the product of many patterns.
 *
 * A step accepts one character of a set, or, if it repeats, any number of them. Every pattern of IAM has this form: literal text, text in
 * any case, wildcards, and ARNs, in which a wildcard of the first five segments does not match a colon.
 */
import { type Piece, segmentsOf } from '../match.ts'
import { textOf } from '../operators.ts'

/** `not`: the step accepts every character that is not in `chars`. */
export type PatternStep = { readonly chars: string; readonly not: boolean; readonly repeats: boolean }
export type TextPattern = readonly PatternStep[]

const only = (chars: string): PatternStep => ({ chars, not: false, repeats: false })
const except = (chars: string, repeats: boolean): PatternStep => ({ chars, not: true, repeats })

/** Exactly this text. */
export const literal = (text: string): TextPattern => [...text].map(only)

/** This text in any case. */
export const inAnyCase = (text: string): TextPattern =>
  [...text].map((char) => only([...new Set([char.toLowerCase(), char.toUpperCase()])].join('')))

export const exactly = (pieces: readonly Piece[]): TextPattern => literal(textOf(pieces))
export const exactlyInAnyCase = (pieces: readonly Piece[]): TextPattern => inAnyCase(textOf(pieces))

/** `*` and `?` are wildcards. `forbidden`: characters that a wildcard does not match. */
export function glob(pieces: readonly Piece[], forbidden = ''): TextPattern {
  return pieces.flatMap((piece): PatternStep[] =>
    'wildcard' in piece ? [except(forbidden, piece.wildcard === '*')] : [...piece.literal].map(only),
  )
}

/** The pattern of an ARN, segment by segment; `undefined` if it has fewer than six. */
export function arnPattern(pieces: readonly Piece[]): TextPattern | undefined {
  const segments = segmentsOf(pieces)
  return segments?.flatMap((segment, index) => [
    ...glob(segment, index < 5 ? ':' : ''),
    ...(index < 5 ? literal(':') : []),
  ])
}

/** One or more characters of a set, or of all but a set. */
export const some = (chars: string, not = false): TextPattern => [
  { chars, not, repeats: false },
  { chars, not, repeats: true },
]
/** Any number of characters but these. */
export const anyBut = (chars: string): TextPattern => [except(chars, true)]
/** `count` characters of a set. */
export const times = (count: number, chars: string): TextPattern => Array.from({ length: count }, () => only(chars))
