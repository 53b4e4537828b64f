/**
 * Divides the values of one condition key (absent, one value, a list of values) into the classes that a set of conditions can distinguish.
 *
 * Candidates come from the expected values: a text for each combination of patterns, a number or time for each interval, an address for
 * each range. The evaluator itself judges each candidate against each condition; candidates that it judges alike are one class.
 */
import { evaluateConditions } from '../conditions.ts'
import type { Piece } from '../match.ts'
import type { Lookup } from '../variables.ts'
import { substituteVariables } from '../variables.ts'
import { addressesFor, numbersFor, timesFor } from './scales.ts'
import {
  anyBut,
  arnPattern,
  exactly,
  exactlyInAnyCase,
  glob,
  inAnyCase,
  literal,
  some,
  type TextPattern,
} from './text-pattern.ts'
import { UndecidableQuestionError } from './undecidable.ts'
import { wordClassesOf } from './words.ts'

/** One operator of a statement with its key and expected values. */
export type KeyCondition = {
  readonly operator: string
  readonly key: string
  readonly expected: readonly string[]
  readonly version: string
}

/** `undefined`: the key is absent. */
export type KeyValue = string | readonly string[] | undefined

type Scale = 'text' | 'number' | 'time' | 'address'
/** How the evaluator judges a value: true, false, or unreadable (the condition fails closed). */
type Outcome = 'T' | 'F' | 'U'

const maxLists = 4_096
const anyText = [some('', true)]

/**
 * @param conditions all conditions on the key
 * @param lookUp values of the keys that occur as variables
 * @param withLists whether a request can contain a list of values
 * @returns one value of each class, absence first, then shorter before longer
 * @throws UndecidableQuestionError
 */
export function keyClassesOf(
  key: string,
  conditions: readonly KeyCondition[],
  lookUp: Lookup,
  withLists: boolean,
): KeyValue[] {
  const judged = (value: KeyValue) => conditions.map((one) => outcomeOf(one, key, value, lookUp))
  const candidates = singleValuesOf(key, conditions, lookUp)
  const found = new Map<string, KeyValue>([[judged(undefined).join(''), undefined]])
  for (const value of candidates) {
    const outcome = judged(value).join('')
    if (!found.has(outcome)) found.set(outcome, value)
  }
  if (withLists)
    for (const [outcome, list] of listsOf(key, conditions, candidates, lookUp))
      if (!found.has(outcome)) found.set(outcome, list)
  return [...found.values()]
}

/** One text for each class of single values, shortest first. */
export function singleValuesOf(key: string, conditions: readonly KeyCondition[], lookUp: Lookup): string[] {
  const scales = new Set(conditions.filter(({ operator }) => operator !== 'Null').map(scaleOf))
  if (scales.size > 1)
    throw new UndecidableQuestionError(
      key,
      `is compared as ${[...scales].join(' and as ')}`,
      'Compare a key in one way only',
    )
  const [scale = 'text'] = scales
  const expected = conditions.flatMap((one) =>
    one.operator === 'Null' ? [] : one.expected.flatMap((value) => piecesWithValues(value, one.version, lookUp)),
  )
  const texts = expected.map((pieces) => exactText(pieces))
  const values =
    scale === 'number'
      ? [...numbersFor(texts), 'unreadable']
      : scale === 'time'
        ? [...timesFor(texts), 'unreadable']
        : scale === 'address'
          ? [...addressesFor(texts), 'unreadable']
          : wordClassesOf(textPatternsOf(conditions, lookUp), anyText, key).map(({ word }) =>
              word === '' ? 'x' : word,
            )
  const all = scale === 'text' ? [...new Set([...values, '', ...texts])] : values
  return all.sort((one, other) => Number(one === '') - Number(other === '') || one.length - other.length)
}

const exactText = (pieces: readonly Piece[]) =>
  pieces.map((piece) => ('wildcard' in piece ? piece.wildcard : piece.literal)).join('')

const piecesWithValues = (value: string, version: string, lookUp: Lookup): Piece[][] => {
  const pieces = substituteVariables(value, version, lookUp)
  return pieces === undefined ? [] : [pieces]
}

/** `Bool` compares a text with `true` and `false` in any case. */
function scaleOf({ operator }: KeyCondition): Scale {
  if (/(^|:)Numeric/.test(operator)) return 'number'
  if (/(^|:)Date/.test(operator)) return 'time'
  return /(^|:)(Not)?IpAddress/.test(operator) ? 'address' : 'text'
}

/** A text of six segments is an ARN. Another fails closed under an operator for ARNs. */
const anyArn: TextPattern = [0, 1, 2, 3, 4]
  .flatMap((): TextPattern => [...anyBut(':'), ...literal(':')])
  .concat(anyBut(''))

/** A pattern for each expected value, and those that decide whether the operator can read the value at all. */
function textPatternsOf(conditions: readonly KeyCondition[], lookUp: Lookup): TextPattern[] {
  return conditions.flatMap(({ operator, expected, version }): TextPattern[] => {
    if (operator === 'Null') return []
    const patterns = expected.flatMap((value) =>
      piecesWithValues(value, version, lookUp).flatMap((pieces) => patternsFor(operator, pieces)),
    )
    return [...patterns, ...readableBy(operator)]
  })
}

function patternsFor(operator: string, pieces: readonly Piece[]): TextPattern[] {
  if (/(^|:)Arn/.test(operator)) {
    const pattern = arnPattern(pieces)
    return pattern === undefined ? [] : [pattern]
  }
  if (/IgnoreCase|Bool/.test(operator)) return [exactlyInAnyCase(pieces)]
  return [operator.includes('Like') ? glob(pieces) : exactly(pieces)]
}

function readableBy(operator: string): TextPattern[] {
  if (/(^|:)Arn/.test(operator)) return [anyArn]
  return /(^|:)Bool/.test(operator) ? [inAnyCase('true'), inAnyCase('false')] : []
}

/** The evaluator's own judgement of one condition. The effect decides how a condition that cannot be read counts, so both are asked. */
function outcomeOf(
  { operator, key, expected, version }: KeyCondition,
  name: string,
  value: KeyValue,
  lookUp: Lookup,
): Outcome {
  const { met, closed } = evaluateConditions(
    { Effect: 'Allow', Condition: { [operator]: { [key]: [...expected] } } },
    version,
    (asked) => (asked.toLowerCase() === name ? value : lookUp(asked)),
  )
  if (closed !== undefined) return 'U'
  return met ? 'T' : 'F'
}

/**
 * One list for each class of lists. What a condition says about a list follows from what it says about each value: ForAllValues needs all,
 * ForAnyValue one, and one unreadable value is enough to fail closed. So the classes are the unions of the classes of single values.
 */
function listsOf(
  key: string,
  conditions: readonly KeyCondition[],
  candidates: readonly string[],
  lookUp: Lookup,
): Map<string, string[]> {
  const singles = new Map<string, string>()
  const judged = (list: readonly string[]) => conditions.map((one) => outcomeOf(one, key, list, lookUp)).join('')
  for (const value of candidates) {
    const outcome = judged([value])
    if (!singles.has(outcome)) singles.set(outcome, value)
  }
  const found = new Map([...singles].map(([outcome, value]) => [outcome, [value]]))
  let level = [...found.values()]
  while (level.length > 0) {
    const next: string[][] = []
    for (const list of level)
      for (const value of singles.values()) {
        if (list.includes(value)) continue
        const longer = [...list, value]
        const outcome = judged(longer)
        if (found.has(outcome)) continue
        found.set(outcome, longer)
        next.push(longer)
      }
    if (found.size > maxLists)
      throw new UndecidableQuestionError(key, `has more than ${maxLists} classes of lists`, 'Ask about fewer policies')
    level = next
  }
  return found
}
