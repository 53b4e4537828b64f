/**
 * The condition operators: how one expected value is compared with one value of the request.
 *
 * A comparison of malformed values (`abc` as a number, for example) returns `undefined`, and the condition fails closed. conditions.ts
 * handles negation, absence, IfExists and the set operators.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { inRange } from './addresses.ts'
import { matchesArn, matchesPieces, type Piece } from './match.ts'

type Compare = (expected: readonly Piece[], actual: string) => boolean | undefined
export type Operator = { compare: Compare; negated: boolean }

/** The text of a value that is compared without wildcards. */
export const textOf = (pieces: readonly Piece[]) =>
  pieces.map((piece) => ('wildcard' in piece ? piece.wildcard : piece.literal)).join('')

/** Parses both values, then compares them. */
const bothAs =
  <T>(parse: (text: string) => T | undefined, compare: (expected: T, actual: T) => boolean): Compare =>
  (expected, actual) => {
    const left = parse(textOf(expected))
    const right = parse(actual)
    return left === undefined || right === undefined ? undefined : compare(left, right)
  }

/** The number that a numeric operator reads; `undefined` if it cannot. */
export const numberOf = (text: string) => (/^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)

/** Milliseconds of a time in ISO 8601 (W3C profile; UTC if it has no zone) or in seconds since 1970. */
export function timeMsOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const parts = /^(\d{4}-\d{2}(?:-\d{2})?)(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text)
  if (parts === null) return undefined
  const time = Date.parse(parts[2] === undefined ? text : `${parts[1]}T${parts[2]}${parts[3] ?? 'Z'}`)
  return Number.isNaN(time) ? undefined : time
}

const booleanOf = (text: string) => {
  const lower = text.toLowerCase()
  return lower === 'true' || lower === 'false' ? lower : undefined
}

const like: Compare = (expected, actual) => matchesPieces(expected, actual)
const equals: Compare = (expected, actual) => textOf(expected) === actual
const equalsIgnoringCase: Compare = (expected, actual) => textOf(expected).toLowerCase() === actual.toLowerCase()
const arn: Compare = (expected, actual) => matchesArn(expected, actual)
const ip: Compare = (expected, actual) => inRange(textOf(expected), actual)

const positive = (compare: Compare): Operator => ({ compare, negated: false })
const negative = (compare: Compare): Operator => ({ compare, negated: true })

export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    StringEquals: positive(equals),
    StringNotEquals: negative(equals),
    StringEqualsIgnoreCase: positive(equalsIgnoringCase),
    StringNotEqualsIgnoreCase: negative(equalsIgnoringCase),
    StringLike: positive(like),
    StringNotLike: negative(like),
    NumericEquals: positive(bothAs(numberOf, (expected, actual) => actual === expected)),
    NumericNotEquals: negative(bothAs(numberOf, (expected, actual) => actual === expected)),
    NumericLessThan: positive(bothAs(numberOf, (expected, actual) => actual < expected)),
    NumericLessThanEquals: positive(bothAs(numberOf, (expected, actual) => actual <= expected)),
    NumericGreaterThan: positive(bothAs(numberOf, (expected, actual) => actual > expected)),
    NumericGreaterThanEquals: positive(bothAs(numberOf, (expected, actual) => actual >= expected)),
    DateEquals: positive(bothAs(timeMsOf, (expected, actual) => actual === expected)),
    DateNotEquals: negative(bothAs(timeMsOf, (expected, actual) => actual === expected)),
    DateLessThan: positive(bothAs(timeMsOf, (expected, actual) => actual < expected)),
    DateLessThanEquals: positive(bothAs(timeMsOf, (expected, actual) => actual <= expected)),
    DateGreaterThan: positive(bothAs(timeMsOf, (expected, actual) => actual > expected)),
    DateGreaterThanEquals: positive(bothAs(timeMsOf, (expected, actual) => actual >= expected)),
    Bool: positive(bothAs(booleanOf, (expected, actual) => actual === expected)),
    BinaryEquals: positive(equals),
    IpAddress: positive(ip),
    NotIpAddress: negative(ip),
    ArnEquals: positive(arn),
    ArnLike: positive(arn),
    ArnNotEquals: negative(arn),
    ArnNotLike: negative(arn),
  }),
)
