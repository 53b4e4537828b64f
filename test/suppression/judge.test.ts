import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence, EvidenceKind } from '../../src/suppression/evidence.ts'
import { type AddressRecord, judge, type Verdict } from '../../src/suppression/judge.ts'
import { defaultRules, type SuppressionRules } from '../../src/suppression/rules.ts'

const now = new Date('2026-03-31T12:00:00Z')
const on = (day: string, kind: EvidenceKind = 'soft', cause = 'Transient/MailboxFull'): Evidence => ({
  kind,
  cause,
  at: new Date(day.includes('T') ? day : `${day}T08:00:00Z`),
  feedbackId: `${kind}-${day}`,
})
const verdict = (record: Partial<AddressRecord>, rules: Partial<SuppressionRules> = {}, at = now) =>
  judge({ evidence: [], ...record }, { ...defaultRules, ...rules }, at)
const ruling = (at: string) => ({ at: new Date(at), by: 'alice', why: 'asked for it' })

describe('a verdict', () => {
  test('is clear where nothing is known', () => {
    expect(verdict({})).toEqual({ state: 'clear', evidence: [] })
  })

  test('suppresses for a permanent bounce, from its time on, without an end', () => {
    const bounce = on('2026-03-01', 'hard', 'Permanent/NoEmail')
    expect(verdict({ evidence: [bounce] })).toMatchObject({
      state: 'suppressed',
      reason: 'hard bounce',
      since: bounce.at,
      uncertain: false,
    })
    expect(verdict({ evidence: [bounce] })).not.toHaveProperty('until')
  })

  test('suppresses for a bad-address status that SES calls transient, unless the project calls it soft', () => {
    const evidence = [on('2026-03-30', 'rejected', 'Transient/General')]
    expect(verdict({ evidence })).toMatchObject({ state: 'suppressed', reason: 'hard bounce' })
    expect(verdict({ evidence }, { rejectedAddress: 'soft' })).toMatchObject({ state: 'clear' })
  })

  test('names the weightiest reason and the earliest time when there are several', () => {
    const evidence = [on('2026-03-02', 'complaint', 'abuse'), on('2026-03-01', 'hard', 'Permanent/General')]
    expect(verdict({ evidence })).toMatchObject({ reason: 'complaint', since: new Date('2026-03-01T08:00:00Z') })
  })

  test('is uncertain only while nothing but complaints about several people supports it', () => {
    const uncertain = on('2026-03-01', 'uncertain', 'abuse')
    expect(verdict({ evidence: [uncertain] })).toMatchObject({ state: 'suppressed', uncertain: true })
    expect(verdict({ evidence: [uncertain, on('2026-03-02', 'complaint', 'abuse')] })).toMatchObject({
      uncertain: false,
    })
    expect(verdict({ evidence: [uncertain, on('2026-03-02', 'hard')] })).toMatchObject({ uncertain: false })
    expect(verdict({ evidence: [uncertain] }, { uncertainComplaint: 'ignore' })).toMatchObject({ state: 'clear' })
  })

  test('is cleared of complaints by a later not-spam report, and not by an earlier one', () => {
    const complaint = on('2026-03-02', 'complaint', 'abuse')
    expect(verdict({ evidence: [complaint, on('2026-03-03', 'not-spam')] })).toMatchObject({ state: 'clear' })
    expect(verdict({ evidence: [complaint, on('2026-03-01', 'not-spam')] })).toMatchObject({ state: 'suppressed' })
    expect(verdict({ evidence: [on('2026-03-02', 'hard'), on('2026-03-03', 'not-spam')] })).toMatchObject({
      state: 'suppressed',
    })
  })

  test('suppresses for 30 days after soft bounces on 3 different days within 14', () => {
    const evidence = [on('2026-03-10'), on('2026-03-12'), on('2026-03-20')]
    expect(verdict({ evidence })).toMatchObject({
      reason: 'soft bounces',
      since: new Date('2026-03-20T08:00:00Z'),
      until: new Date('2026-04-19T08:00:00Z'),
    })
    expect(verdict({ evidence }, {}, new Date('2026-04-19T07:59:59Z'))).toMatchObject({ state: 'suppressed' })
    expect(verdict({ evidence }, {}, new Date('2026-04-19T08:00:00Z'))).toMatchObject({ state: 'clear' })
  })

  test('does not count several soft bounces of one day, nor days too far apart', () => {
    expect(
      verdict({ evidence: [on('2026-03-10T01:00:00Z'), on('2026-03-10T02:00:00Z'), on('2026-03-10T03:00:00Z')] }),
    ).toMatchObject({ state: 'clear' })
    expect(verdict({ evidence: [on('2026-03-01'), on('2026-03-08'), on('2026-03-15')] })).toMatchObject({
      state: 'clear',
    })
    expect(verdict({ evidence: [on('2026-03-02'), on('2026-03-08'), on('2026-03-15')] })).toMatchObject({
      state: 'suppressed',
    })
  })

  test('is prolonged by further soft bounces, and keeps the time from which it held', () => {
    const evidence = ['2026-03-10', '2026-03-12', '2026-03-20', '2026-03-25'].map((day) => on(day))
    expect(verdict({ evidence })).toMatchObject({
      since: new Date('2026-03-20T08:00:00Z'),
      until: new Date('2026-04-24T08:00:00Z'),
    })
  })

  test('has no end while a lasting reason stands beside soft bounces', () => {
    const soft = ['2026-03-10', '2026-03-12', '2026-03-20'].map((day) => on(day))
    expect(verdict({ evidence: [...soft, on('2026-03-21', 'hard')] })).not.toHaveProperty('until')
  })

  test('is overruled by a reinstatement: for older evidence, never for newer', () => {
    const evidence = [on('2026-03-10', 'hard')]
    expect(verdict({ evidence, reinstated: ruling('2026-03-10T08:00:00Z') })).toMatchObject({ state: 'clear' })
    expect(verdict({ evidence, reinstated: ruling('2026-03-10T07:59:59.999Z') })).toMatchObject({ state: 'suppressed' })
  })

  test('does not build on soft bounces from before a reinstatement', () => {
    const evidence = [on('2026-03-18'), on('2026-03-19'), on('2026-03-20')]
    expect(verdict({ evidence, reinstated: ruling('2026-03-19T12:00:00Z') })).toMatchObject({ state: 'clear' })
  })

  test('follows an entry by hand until a newer reinstatement', () => {
    const manual = ruling('2026-03-10T08:00:00Z')
    expect(verdict({ manual })).toMatchObject({
      state: 'suppressed',
      reason: 'manual',
      since: manual.at,
      uncertain: false,
    })
    expect(verdict({ manual, reinstated: ruling('2026-03-09T08:00:00Z') })).toMatchObject({ state: 'suppressed' })
    expect(verdict({ manual, reinstated: ruling('2026-03-11T08:00:00Z') })).toMatchObject({ state: 'clear' })
  })

  test('can ignore each kind of evidence where a project wants so', () => {
    const ignoring = {
      hardBounce: 'ignore',
      complaint: 'ignore',
      uncertainComplaint: 'ignore',
      softBounces: 'ignore',
    } as const
    const evidence = [
      on('2026-03-01', 'hard'),
      on('2026-03-01', 'complaint'),
      on('2026-03-01', 'uncertain'),
      ...['2026-03-20', '2026-03-21', '2026-03-22'].map((day) => on(day)),
    ]
    expect(verdict({ evidence }, ignoring)).toMatchObject({ state: 'clear' })
  })

  test('does not depend on the order or the number of copies of the evidence', () => {
    const reordered = anyEvidence.chain((evidence) =>
      fc.tuple(fc.constant(evidence), fc.shuffledSubarray([...evidence, ...evidence], { minLength: evidence.length })),
    )
    fc.assert(
      fc.property(reordered, ([evidence, copies]) => {
        expect(verdict({ evidence: [...copies, ...evidence] })).toEqual(verdict({ evidence }))
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  test('is the same from what the list keeps, but for the time from which it held', () => {
    const rules = fc.record({
      hardBounce: fc.constantFrom('suppress', 'ignore'),
      complaint: fc.constantFrom('suppress', 'ignore'),
      uncertainComplaint: fc.constantFrom('suppress', 'ignore'),
    })
    const reinstated = fc.option(
      day.map((at) => ({ at, by: 'alice', why: 'x' })),
      { nil: undefined },
    )
    fc.assert(
      fc.property(anyEvidence, rules, reinstated, (evidence, some, ruled) => {
        const kept = evidence.filter((piece) => isKept(piece, evidence))
        const record = ruled ? { reinstated: ruled } : {}
        const [whole, short] = [evidence, kept].map((pieces) => verdict({ ...record, evidence: pieces }, some))
        expect(whatHolds(short)).toEqual(whatHolds(whole))
      }),
      { seed: 2, numRuns: 500 },
    )
  })
})

const day = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 23 }))
  .map(([number, hour]) => new Date(Date.UTC(2026, 2, 1 + number, hour)))

const anyEvidence = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom<EvidenceKind>('hard', 'rejected', 'soft', 'complaint', 'uncertain', 'not-spam'), day)
    .map(([kind, at]): Evidence => ({ kind, at, feedbackId: `${kind}${at.getTime()}`, cause: 'x' })),
  { selector: ({ feedbackId }) => feedbackId, maxLength: 16 },
)

const whatHolds = (found: Verdict | undefined) =>
  found?.state === 'suppressed'
    ? { reason: found.reason, until: found.until, uncertain: found.uncertain }
    : found?.state

/** The list keeps of each lasting kind the latest, and of two the first. */
const isKept = (piece: Evidence, among: readonly Evidence[]): boolean => {
  const times = among.filter(({ kind }) => kind === piece.kind).map(({ at }) => at.getTime())
  const isFirst = ['hard', 'complaint'].includes(piece.kind) && piece.at.getTime() === Math.min(...times)
  return piece.kind === 'soft' || isFirst || piece.at.getTime() === Math.max(...times)
}
