import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgementOf, type RateState } from '../../src/activity/judge-rates.ts'
import { ratesOfVolume } from '../../src/activity/rates.ts'
import { lines, type WindowRates } from '../../src/activity/windows.ts'
import { runsOf } from '../runs.ts'

const rules = { action: 'hold', lines } as const
const clear: RateState = { isHeld: false, isWarned: false, isOverridden: false }
const windowWith = (bounces: number, complaints = 0, sent = 100_000): WindowRates[] => [
  { days: 1, from: new Date(0), rates: ratesOfVolume({ sent, notSent: 0, bounces, complaints }) },
]
/** The state after a judgement. */
const after = (state: RateState, { hold, warning }: ReturnType<typeof judgementOf>): RateState => ({
  ...state,
  isHeld: hold === undefined ? state.isHeld : hold === 'set',
  isWarned: warning === undefined ? state.isWarned : warning === 'set',
})

describe('the judgement of rates', () => {
  test.each([
    [1_999, 0, undefined, undefined],
    [2_000, 0, undefined, 'set'],
    [3_999, 0, undefined, 'set'],
    [4_000, 0, 'set', 'set'],
    [0, 49, undefined, undefined],
    [0, 50, undefined, 'set'],
    [0, 80, 'set', 'set'],
  ] as const)(
    '%s bounces and %s complaints of 100,000 recipients: hold %s, warning %s',
    (bounces, complaints, hold, warning) => {
      expect(judgementOf(windowWith(bounces, complaints), rules, clear)).toMatchObject({
        ...(hold && { hold }),
        ...(warning && { warning }),
      })
      const { hold: found, warning: warned } = judgementOf(windowWith(bounces, complaints), rules, clear)
      expect([found, warned]).toEqual([hold, warning])
    },
  )

  test('an override of a person holds nothing, and lifts what rates hold', () => {
    const overridden = { ...clear, isOverridden: true }
    expect(judgementOf(windowWith(9_000), rules, overridden).hold).toBeUndefined()
    expect(judgementOf(windowWith(9_000), rules, { ...overridden, isHeld: true }).hold).toBe('lift')
  })

  test('too few recipients hold nothing, and lift a hold that no rate supports any more', () => {
    expect(judgementOf(windowWith(500, 0, 999), rules, clear)).toEqual({
      why: 'too few recipients for a rate',
      worst: expect.anything(),
    })
    expect(judgementOf(windowWith(500, 0, 999), rules, { ...clear, isHeld: true }).hold).toBe('lift')
  })

  test('between a hold and its end, and between its end and the next hold, the rate has passed from one line to the other', () => {
    const rates = fc.array(fc.integer({ min: 0, max: 6_000 }), { minLength: 1, maxLength: 40 })
    let changes = 0
    fc.assert(
      fc.property(rates, (bounces) => {
        let state = clear
        for (const one of bounces) {
          const judgement = judgementOf(windowWith(one), rules, state)
          if (judgement.hold === 'set') expect(one / 100_000).toBeGreaterThanOrEqual(lines.bounces.critical)
          if (judgement.hold === 'lift') expect(one / 100_000).toBeLessThan(lines.bounces.warning)
          if (judgement.hold) changes++
          state = after(state, judgement)
          const again = judgementOf(windowWith(one), rules, state)
          expect([again.hold, again.warning]).toEqual([undefined, undefined])
        }
      }),
      { numRuns: runsOf(100) },
    )
    expect(changes).toBeGreaterThan(0)
  })
})
