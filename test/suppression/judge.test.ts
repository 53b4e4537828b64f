import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../src/suppression/evidence.ts'
import { countedKinds, type EvidenceKind, uncountedKinds } from '../../src/suppression/evidence-kinds.ts'
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
  test('the verdict without evidence is clear', () => {
    expect(verdict({})).toEqual({ state: 'clear', evidence: [] })
  })

  test('a permanent bounce suppresses from its time on, without expiry', () => {
    const bounce = on('2026-03-01', 'hard', 'Permanent/NoEmail')
    expect(verdict({ evidence: [bounce] })).toMatchObject({
      state: 'suppressed',
      reason: 'hard bounce',
      since: bounce.at,
      uncertain: false,
    })
    expect(verdict({ evidence: [bounce] })).not.toHaveProperty('until')
  })

  test('a bounce that SES calls transient suppresses if its status says that the address is bad, unless the project’s rules call it soft', () => {
    const evidence = [on('2026-03-30', 'rejected', 'Transient/General')]
    expect(verdict({ evidence })).toMatchObject({ state: 'suppressed', reason: 'hard bounce' })
    expect(verdict({ evidence }, { rejectedAddress: 'soft' })).toMatchObject({ state: 'clear' })
  })

  test('a verdict with several reasons has the most serious reason and the earliest time', () => {
    const evidence = [on('2026-03-02', 'complaint', 'abuse'), on('2026-03-01', 'hard', 'Permanent/General')]
    expect(verdict({ evidence })).toMatchObject({ reason: 'complaint', since: new Date('2026-03-01T08:00:00Z') })
  })

  test('a verdict is uncertain only if all its evidence is complaints that name several recipients', () => {
    const uncertain = on('2026-03-01', 'uncertain', 'abuse')
    expect(verdict({ evidence: [uncertain] })).toMatchObject({ state: 'suppressed', uncertain: true })
    expect(verdict({ evidence: [uncertain, on('2026-03-02', 'complaint', 'abuse')] })).toMatchObject({
      uncertain: false,
    })
    expect(verdict({ evidence: [uncertain, on('2026-03-02', 'hard')] })).toMatchObject({ uncertain: false })
    expect(verdict({ evidence: [uncertain] }, { uncertainComplaint: 'ignore' })).toMatchObject({ state: 'clear' })
  })

  test('a not-spam report cancels earlier complaints, and no later complaint or bounce', () => {
    const complaint = on('2026-03-02', 'complaint', 'abuse')
    expect(verdict({ evidence: [complaint, on('2026-03-03', 'not-spam')] })).toMatchObject({ state: 'clear' })
    expect(verdict({ evidence: [complaint, on('2026-03-01', 'not-spam')] })).toMatchObject({ state: 'suppressed' })
    expect(verdict({ evidence: [on('2026-03-02', 'hard'), on('2026-03-03', 'not-spam')] })).toMatchObject({
      state: 'suppressed',
    })
  })

  test('soft bounces on 3 different days within 14 suppress for 30 days', () => {
    const evidence = [on('2026-03-10'), on('2026-03-12'), on('2026-03-20')]
    expect(verdict({ evidence })).toMatchObject({
      reason: 'soft bounces',
      since: new Date('2026-03-20T08:00:00Z'),
      until: new Date('2026-04-19T08:00:00Z'),
    })
    expect(verdict({ evidence }, {}, new Date('2026-04-19T07:59:59Z'))).toMatchObject({ state: 'suppressed' })
    expect(verdict({ evidence }, {}, new Date('2026-04-19T08:00:00Z'))).toMatchObject({ state: 'clear' })
  })

  test('several soft bounces on one day count once, and days outside of the window do not count', () => {
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

  test('further soft bounces extend the suppression and keep its start', () => {
    const evidence = ['2026-03-10', '2026-03-12', '2026-03-20', '2026-03-25'].map((day) => on(day))
    expect(verdict({ evidence })).toMatchObject({
      since: new Date('2026-03-20T08:00:00Z'),
      until: new Date('2026-04-24T08:00:00Z'),
    })
  })

  test('a suppression with a permanent reason beside soft bounces has no expiry', () => {
    const soft = ['2026-03-10', '2026-03-12', '2026-03-20'].map((day) => on(day))
    expect(verdict({ evidence: [...soft, on('2026-03-21', 'hard')] })).not.toHaveProperty('until')
  })

  test('a reinstatement overrules older evidence, never newer', () => {
    const evidence = [on('2026-03-10', 'hard')]
    expect(verdict({ evidence, reinstated: ruling('2026-03-10T08:00:00Z') })).toMatchObject({ state: 'clear' })
    expect(verdict({ evidence, reinstated: ruling('2026-03-10T07:59:59.999Z') })).toMatchObject({ state: 'suppressed' })
  })

  test('soft bounces from before a reinstatement do not count', () => {
    const evidence = [on('2026-03-18'), on('2026-03-19'), on('2026-03-20')]
    expect(verdict({ evidence, reinstated: ruling('2026-03-19T12:00:00Z') })).toMatchObject({ state: 'clear' })
  })

  test('a ruling to suppress is in force until a newer reinstatement', () => {
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

  test('a project’s rules can ignore each kind of evidence', () => {
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

  test.each(uncountedKinds)('evidence of the kind %s never suppresses by default, and changes no verdict', (kind) => {
    const evidence = ['2026-03-18', '2026-03-19', '2026-03-20', '2026-03-21'].map((day) =>
      on(day, kind, 'Permanent/General'),
    )
    expect(verdict({ evidence })).toMatchObject({ state: 'clear' })
    const hard = on('2026-03-10', 'hard')
    expect(verdict({ evidence: [hard, ...evidence] })).toMatchObject({ reason: 'hard bounce', since: hard.at })
  })

  test('a project can choose stricter rules for blocks, guesses and reports of machines, and milder ones for the global list', () => {
    const of = (kind: EvidenceKind) => ({ evidence: [on('2026-03-20', kind)] })
    expect(verdict(of('blocked'), { blocked: 'suppress' })).toMatchObject({ reason: 'hard bounce' })
    expect(verdict(of('guess'), { validation: 'suppress' })).toMatchObject({ reason: 'hard bounce' })
    expect(verdict(of('report'), { machineReport: 'suppress' })).toMatchObject({ reason: 'complaint' })
    expect(verdict(of('guess'), { blocked: 'suppress' })).toMatchObject({ state: 'clear' })
    expect(verdict(of('global-list'))).toMatchObject({ reason: 'hard bounce' })
    expect(verdict(of('global-list'), { globalList: 'ignore' })).toMatchObject({ state: 'clear' })
  })

  test.each([
    ['rejected', { rejectedAddress: 'soft' }],
    ['global-list', { globalList: 'soft' }],
  ] as const)('%s evidence that a rule calls soft suppresses after 3 days, with an expiry', (kind, rules) => {
    const days = ['2026-03-18', '2026-03-19', '2026-03-20'].map((day) => on(day, kind))
    expect(verdict({ evidence: days.slice(1) }, rules)).toMatchObject({ state: 'clear' })
    expect(verdict({ evidence: days }, rules)).toMatchObject({
      reason: 'soft bounces',
      until: new Date('2026-04-19T08:00:00Z'),
    })
  })

  test('evidence and rulings from the future do not count until their time has come', () => {
    const [evidence, future] = [[on('2026-03-10', 'hard')], '2026-03-31T13:00:00Z']
    expect(verdict({ evidence: [on(future, 'hard')] })).toMatchObject({ state: 'clear' })
    expect(verdict({ manual: ruling('9999-01-01T00:00:00Z') })).toMatchObject({ state: 'clear' })
    expect(verdict({ evidence, reinstated: ruling('9999-01-01T00:00:00Z') })).toMatchObject({ state: 'suppressed' })
    expect(verdict({ evidence: [on(future, 'hard')] }, {}, new Date('2026-03-31T13:00:01Z'))).toMatchObject({
      state: 'suppressed',
    })
    // The clocks of two servers differ by seconds.
    expect(verdict({ evidence: [on('2026-03-31T12:00:05Z', 'hard')] })).toMatchObject({ state: 'suppressed' })
  })

  test('the verdict does not depend on the order or the copies of the evidence', () => {
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

  test('the evidence that the list keeps gives the same verdict as all evidence, except for its start', () => {
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
        const kept = evidence.filter((one) => isKept(one, evidence))
        const record = ruled ? { reinstated: ruled } : {}
        const [whole, short] = [evidence, kept].map((counted) => verdict({ ...record, evidence: counted }, some))
        expect(withoutStart(short)).toEqual(withoutStart(whole))
      }),
      { seed: 2, numRuns: 500 },
    )
  })
})

const day = fc
  .tuple(fc.integer({ min: 0, max: 29 }), fc.integer({ min: 0, max: 23 }))
  .map(([number, hour]) => new Date(Date.UTC(2026, 2, 1 + number, hour)))

const anyEvidence = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom<EvidenceKind>(...countedKinds, ...uncountedKinds), day)
    .map(([kind, at]): Evidence => ({ kind, at, feedbackId: `${kind}${at.getTime()}`, cause: 'x' })),
  { selector: ({ feedbackId }) => feedbackId, maxLength: 16 },
)

const withoutStart = (found: Verdict | undefined) =>
  found?.state === 'suppressed'
    ? { reason: found.reason, until: found.until, uncertain: found.uncertain }
    : found?.state

/** The list keeps the latest evidence of each lasting kind, and the first of two kinds; of some kinds the latest of each day. */
const isKept = (evidence: Evidence, among: readonly Evidence[]): boolean => {
  const times = among.filter(({ kind }) => kind === evidence.kind).map(({ at }) => at.getTime())
  const isFirst = ['hard', 'complaint'].includes(evidence.kind) && evidence.at.getTime() === Math.min(...times)
  return (
    ['soft', 'rejected', 'global-list'].includes(evidence.kind) ||
    isFirst ||
    evidence.at.getTime() === Math.max(...times)
  )
}
