import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arnPattern, exactlyInAnyCase, glob, some } from '../../../src/policy/classes/text-pattern.ts'
import { UndecidableQuestionError } from '../../../src/policy/classes/undecidable.ts'
import { wordClassesOf } from '../../../src/policy/classes/words.ts'
import { matchesArn, matchesPieces, piecesOf } from '../../../src/policy/match.ts'
import { runsOf } from '../../runs.ts'

const anything = [some('', true)]

/** Every text of up to `length` characters of the alphabet, the empty one excepted. */
function textsOver(alphabet: string, length: number): string[] {
  let level = ['']
  const all: string[] = []
  for (let size = 1; size <= length; size++) {
    level = level.flatMap((text) => [...alphabet].map((char) => text + char))
    all.push(...level)
  }
  return all
}

const keyOf = (matches: readonly boolean[]) => matches.map(Number).join('')
const allTexts = textsOver('abx', 7)
const pattern = fc
  .array(fc.constantFrom('a', 'b', '*', '?'), { minLength: 1, maxLength: 5 })
  .map((chars) => chars.join(''))

describe('the classes of texts', () => {
  test('the classes of texts are those that all short texts fall into, and no others', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), (patterns) => {
        const judged = (text: string) => keyOf(patterns.map((one) => matchesPieces(piecesOf(one), text)))
        const classes = wordClassesOf(
          patterns.map((one) => glob(piecesOf(one))),
          anything,
          'text',
        )
        // Patterns of five characters need no text of more than seven to be told apart, unless many combine: those classes are longer.
        const short = classes.filter(({ word }) => word.length <= 7)
        expect(new Set(short.map(({ matches }) => keyOf(matches)))).toEqual(new Set(allTexts.map(judged)))
        for (const { word, matches } of classes) expect(judged(word)).toBe(keyOf(matches))
      }),
      { numRuns: runsOf(160) },
    )
  })

  test('the representative of a class of texts is as short as any text of the class', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), (patterns) => {
        const judged = (text: string) => keyOf(patterns.map((one) => matchesPieces(piecesOf(one), text)))
        const shortest = new Map<string, number>()
        for (const text of allTexts) if (!shortest.has(judged(text))) shortest.set(judged(text), text.length)
        const compiled = patterns.map((one) => glob(piecesOf(one)))
        for (const { word, matches } of wordClassesOf(compiled, anything, 'text'))
          if (word.length <= 7) expect(word.length).toBe(shortest.get(keyOf(matches)))
      }),
      { numRuns: runsOf(80) },
    )
  })

  test('the classes of ARNs are judged as the evaluator matches ARNs, segment by segment', () => {
    const segment = fc.constantFrom('a', '*', '?', 'a*', '')
    const arn = fc
      .tuple(segment, segment, segment, segment, segment, fc.constantFrom('a', '*', 'a:*', 'a/*', '*:b'))
      .map((segments) => segments.join(':'))
    fc.assert(
      fc.property(fc.array(arn, { minLength: 1, maxLength: 4 }), (patterns) => {
        const judged = (text: string) => patterns.map((one) => matchesArn(piecesOf(one), text) ?? false)
        const compiled = patterns.map((one) => arnPattern(piecesOf(one)) ?? [])
        const classes = wordClassesOf(compiled, anything, 'ARN')
        for (const { word, matches } of classes) expect(judged(word)).toEqual(matches)
        const found = new Set(classes.map(({ matches }) => keyOf(matches)))
        for (const text of ['a:a:a:a:a:a', 'a:::::a:b', '::::::b', 'aa:a::a:a:a/a', 'a', 'a:b:c:d:e:a:x:b'])
          expect(found).toContain(keyOf(judged(text)))
      }),
      { numRuns: runsOf(120) },
    )
  })

  test('the classes of texts in any case have a capital, a small and another letter', () => {
    const found = wordClassesOf([exactlyInAnyCase(piecesOf('a')), glob(piecesOf('a'))], anything, 'text')
    expect(found.map(({ word }) => word).sort()).toEqual(['A', 'a', 'x'])
  })

  test('patterns that would need too many states are refused, and the error names what they describe', () => {
    // Whether the 18th character from the end is an a: the walk must remember each of the last 18.
    const many = [glob(piecesOf(`*a${'?'.repeat(18)}`))]
    const refusal = (() => {
      try {
        return wordClassesOf(many, anything, 'the key team')
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toBeInstanceOf(UndecidableQuestionError)
    expect(refusal).toMatchObject({ dimension: 'the key team', retryable: false })
    expect(wordClassesOf([glob(piecesOf('*a????'))], anything, 'the key team')).toHaveLength(2)
  })
})
