/**
 * The condition operators: how one wanted value is compared with one value of the request.
 *
 * A comparison answers undefined when it cannot be made (a number that is none, a range that is none): the condition is then
 * judged closed. Negation, absence, IfExists and the set operators are the business of conditions.ts.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { inRange } from './addresses.ts'
import { likeArn, matchesPieces, type Piece } from './match.ts'

type Compare = (wanted: readonly Piece[], seen: string) => boolean | undefined
export type Operator = { compare: Compare; negated: boolean }

const plain = (pieces: readonly Piece[]) =>
  pieces.map((piece) => ('wildcard' in piece ? piece.wildcard : piece.literal)).join('')

const bothAs =
  <T>(read: (text: string) => T | undefined, compare: (wanted: T, seen: T) => boolean): Compare =>
  (wanted, seen) => {
    const left = read(plain(wanted))
    const right = read(seen)
    return left === undefined || right === undefined ? undefined : compare(left, right)
  }

const numberOf = (text: string) => (/^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)

/** ISO 8601 in the W3C profile, or seconds since 1970, as milliseconds. Without a zone it is UTC. */
function timeOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const parts = /^(\d{4}-\d{2}(?:-\d{2})?)(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text)
  if (parts === null) return undefined
  const time = Date.parse(parts[2] === undefined ? text : `${parts[1]}T${parts[2]}${parts[3] ?? 'Z'}`)
  return Number.isNaN(time) ? undefined : time
}

const truthOf = (text: string) => {
  const lower = text.toLowerCase()
  return lower === 'true' || lower === 'false' ? lower : undefined
}

const like: Compare = (wanted, seen) => matchesPieces(wanted, seen)
const equals: Compare = (wanted, seen) => plain(wanted) === seen
const equalsIgnoringCase: Compare = (wanted, seen) => plain(wanted).toLowerCase() === seen.toLowerCase()
const arn: Compare = (wanted, seen) => likeArn(wanted, seen)
const ip: Compare = (wanted, seen) => inRange(plain(wanted), seen)

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
    NumericEquals: positive(bothAs(numberOf, (wanted, seen) => seen === wanted)),
    NumericNotEquals: negative(bothAs(numberOf, (wanted, seen) => seen === wanted)),
    NumericLessThan: positive(bothAs(numberOf, (wanted, seen) => seen < wanted)),
    NumericLessThanEquals: positive(bothAs(numberOf, (wanted, seen) => seen <= wanted)),
    NumericGreaterThan: positive(bothAs(numberOf, (wanted, seen) => seen > wanted)),
    NumericGreaterThanEquals: positive(bothAs(numberOf, (wanted, seen) => seen >= wanted)),
    DateEquals: positive(bothAs(timeOf, (wanted, seen) => seen === wanted)),
    DateNotEquals: negative(bothAs(timeOf, (wanted, seen) => seen === wanted)),
    DateLessThan: positive(bothAs(timeOf, (wanted, seen) => seen < wanted)),
    DateLessThanEquals: positive(bothAs(timeOf, (wanted, seen) => seen <= wanted)),
    DateGreaterThan: positive(bothAs(timeOf, (wanted, seen) => seen > wanted)),
    DateGreaterThanEquals: positive(bothAs(timeOf, (wanted, seen) => seen >= wanted)),
    Bool: positive(bothAs(truthOf, (wanted, seen) => seen === wanted)),
    BinaryEquals: positive(equals),
    IpAddress: positive(ip),
    NotIpAddress: negative(ip),
    ArnEquals: positive(arn),
    ArnLike: positive(arn),
    ArnNotEquals: negative(arn),
    ArnNotLike: negative(arn),
  }),
)
