import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRecipients } from '../../src/sending/check-recipients.ts'
import { addressesOf, type GuardFacts, guard, type KnownAddress } from '../../src/sending/guard.ts'
import type { EvidenceKind } from '../../src/suppression/evidence-kinds.ts'
import { judge } from '../../src/suppression/judge.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { readSoftOutcome, softOutcomeOf, softOutcomeTextOf, softUntil } from '../../src/suppression/soft-outcome.ts'
import { dayMs } from '../../src/time.ts'
import { apiStack } from '../api/api-stack.ts'
import { runsOf } from '../runs.ts'

const now = new Date('2026-03-10T12:00:00.000Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs)
const evidence = (kind: EvidenceKind, at: Date) => ({
  kind,
  at,
  feedbackId: `f-${at.getTime()}`,
  cause: 'Transient/General',
})
const facts = (rest: Partial<GuardFacts> = {}): GuardFacts => ({
  known: new Map(),
  rules: defaultRules,
  ifListUnreadable: 'refuse',
  ...rest,
})
const statesOf = (recipients: string[], rest: Partial<GuardFacts> = {}) =>
  guard(recipients, facts(rest), now).map((one) => (one.state === 'refused' ? one.reason : one.state))

describe('the guard', () => {
  test('the guard asks about each address once, whatever its spelling', () => {
    expect(addressesOf(['A@Example.com', 'Jane <a@example.com>', 'nonsense', 'b@example.com'])).toEqual([
      'a@example.com',
      'b@example.com',
    ])
  })

  test('if the list cannot be read, the guard refuses, unless the project wants to send', () => {
    const recipients = ['a@example.com', 'success@simulator.amazonses.com']
    expect(statesOf(recipients, { known: 'unreadable' })).toEqual(['list unreadable', 'allowed'])
    expect(statesOf(recipients, { known: 'unreadable', ifListUnreadable: 'send' })).toEqual(['allowed', 'allowed'])
  })

  test('a hold refuses every recipient, with its reason', () => {
    const hold = { state: 'quarantined', since: daysAgo(1), why: 'the role is open' } as const
    expect(guard(['a@example.com', 'bounce@simulator.amazonses.com'], facts({ hold }), now)).toMatchObject([
      {
        state: 'refused',
        reason: 'project quarantined',
        since: daysAgo(1),
        detail: expect.stringContaining('the role is open'),
      },
      { state: 'refused' },
    ])
  })

  test('the guard decides on evidence and rulings as the verdict does', () => {
    const kinds = fc.constantFrom<EvidenceKind>('hard', 'rejected', 'complaint', 'uncertain', 'not-spam')
    const time = fc.integer({ min: 0, max: 60 }).map(daysAgo)
    const ruling = fc.option(
      time.map((at) => ({ at, by: 'ann', why: 'x' })),
      { nil: undefined },
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(kinds, time), { maxLength: 5 }), ruling, ruling, (all, manual, reinstated) => {
        const record = {
          evidence: all.map(([kind, at]) => evidence(kind, at)),
          ...(manual && { manual }),
          ...(reinstated && { reinstated }),
        }
        const known = new Map<string, KnownAddress>([['a@example.com', { record }]])
        const [decision] = guard(['a@example.com'], facts({ known }), now)
        expect(decision?.state === 'refused').toBe(judge(record, defaultRules, now).state === 'suppressed')
      }),
      { seed: 20260304, numRuns: runsOf(300) },
    )
  })
})

describe('the outcome of soft bounces', () => {
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 12 })

  test('the outcome that is noted decides as the bounces themselves do, also after a reinstatement', () => {
    fc.assert(
      fc.property(days, fc.option(fc.integer({ min: -1, max: 61 }), { nil: undefined }), (ago, reinstatedAgo) => {
        const bounces = ago.map((day) => evidence('soft', daysAgo(day)))
        const noted = softOutcomeOf(judge({ evidence: bounces }, defaultRules, now), defaultRules)
        const reinstated =
          reinstatedAgo === undefined ? undefined : { at: daysAgo(Math.max(0, reinstatedAgo)), by: 'ann', why: 'x' }
        const verdict = judge({ evidence: bounces, ...(reinstated && { reinstated }) }, defaultRules, now)
        const until = softUntil(noted, reinstated?.at, defaultRules, now)
        expect(until).toEqual(verdict.state === 'suppressed' ? verdict.until : undefined)
      }),
      { seed: 20260304, numRuns: runsOf(500) },
    )
  })

  test('texts of outcomes sort by the last bounce, and are read as they were written', () => {
    const of = (last: number) => ({ last: daysAgo(last), first: daysAgo(last + 3), since: daysAgo(last + 1) })
    expect(softOutcomeTextOf(of(1)) > softOutcomeTextOf(of(2))).toBe(true)
    expect(readSoftOutcome(softOutcomeTextOf(of(1)))).toEqual(of(1))
    expect(readSoftOutcome('2026-01-01T00:00:00.000Z nonsense')).toBeUndefined()
  })
})

test('a read of the list that fails refuses the recipients and tells the cause', async () => {
  const { aws, dynamodb, clock } = await apiStack()
  const broken = new DynamoDBClient({ ...aws.clientConfig(aws.credentials.root(aws.account)), maxAttempts: 1 })
  const causes: unknown[] = []
  const check = (suppressions: string) =>
    checkRecipients(
      broken,
      {
        suppressions,
        marksOf: async () => undefined,
        stateOf: async () => ({ project: { id: 'acme', account: '1', configurationSets: [], rules: defaultRules } }),
      },
      'acme',
      ['a@example.com'],
      clock.now(),
      (cause) => causes.push(cause),
    )
  expect((await check('sesame-dev-no-such-table'))?.decisions).toMatchObject([{ reason: 'list unreadable' }])
  expect(causes).toHaveLength(1)
  expect((await check('sesame-dev-suppressions'))?.decisions).toMatchObject([{ state: 'allowed' }])
  dynamodb.destroy()
})
