import { describe, expect, test } from 'vitest'
import type { AccountEntry } from '../../src/propagation/account-entry.ts'
import { createAddressSet, packed } from '../../src/propagation/address-set.ts'
import { compare } from '../../src/propagation/compare.ts'
import { createTokenBucket } from '../../src/propagation/token-bucket.ts'
import type { EvidenceKind } from '../../src/suppression/evidence.ts'
import type { AddressRecord } from '../../src/suppression/judge.ts'
import { defaultRules } from '../../src/suppression/rules.ts'

const now = new Date('2026-06-01T00:00:00.000Z')
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000)
const entry = (days: number, reason: AccountEntry['reason'] = 'BOUNCE'): AccountEntry => ({
  address: 'ann@example.com',
  reason,
  at: ago(days),
})
const evidence = (kind: EvidenceKind, ...days: number[]): AddressRecord['evidence'] =>
  days.map((day) => ({ kind, at: ago(day), feedbackId: `${kind}${day}`, cause: '-' }))
const ruling = (days: number, by = 'ann', why = '') => ({ at: ago(days), by, why })

test.each<[string, AccountEntry, AddressRecord, string]>([
  ['suppressed on both sides', entry(1), { evidence: evidence('hard', 1) }, 'in step'],
  ['a complaint of ours', entry(1), { evidence: evidence('complaint', 1) }, 'correct there'],
  ['a complaint of theirs', entry(1, 'COMPLAINT'), { evidence: evidence('hard', 1) }, 'conflict'],
  ['nobody here has heard of it', entry(1), { evidence: [] }, 'adopt'],
  ['reinstated here after the entry', entry(5), { evidence: evidence('hard', 6), reinstated: ruling(2) }, 'lift there'],
  ['reinstated here, never heard of', entry(5), { evidence: [], reinstated: ruling(2) }, 'lift there'],
  ['reinstated here before the entry', entry(1), { evidence: evidence('hard', 6), reinstated: ruling(2) }, 'adopt'],
  ['soft bounces that have ended', entry(50), { evidence: evidence('soft', 50, 51, 52) }, 'lift there'],
  ['too few soft bounces to explain it', entry(50), { evidence: evidence('soft', 50, 51) }, 'adopt'],
  [
    'a complaint that was taken back',
    entry(5, 'COMPLAINT'),
    { evidence: [...evidence('complaint', 5), ...evidence('not-spam', 4)] },
    'lift there',
  ],
  [
    'taken over as a complaint',
    entry(5, 'COMPLAINT'),
    { evidence: [], manual: ruling(5, 'account-list', 'COMPLAINT') },
    'in step',
  ],
  ['taken over as a bounce', entry(5), { evidence: [], manual: ruling(5, 'account-list', 'BOUNCE') }, 'in step'],
])('An entry of an address that is %s', (_, one, record, what) => {
  expect(compare(one, record, defaultRules, now).what).toBe(what)
})

test('Evidence that the rules of today ignore explains an entry that the rules of yesterday made', () => {
  const rules = { ...defaultRules, hardBounce: 'ignore' as const }
  expect(compare(entry(5), { evidence: evidence('hard', 5) }, rules, now).what).toBe('lift there')
})

describe('the rate', () => {
  function clockwork(perSecond: number, atOnce: number) {
    let time = 0
    const rate = createTokenBucket({
      perSecond,
      atOnce,
      now: () => new Date(time),
      wait: async (milliseconds) => {
        time += milliseconds
      },
    })
    return { rate, time: () => time, pass: (milliseconds: number) => (time += milliseconds) }
  }

  test.each([
    [1, 1],
    [1, 10],
    [10, 5],
  ])('of %i a second is never exceeded, but for %i at once', async (perSecond, atOnce) => {
    const { rate, time, pass } = clockwork(perSecond, atOnce)
    const calls: number[] = []
    for (let i = 0; i < 100; i++) {
      if (i % 37 === 0) pass(700)
      await rate.next()
      calls.push(time())
    }
    for (const from of calls)
      for (const seconds of [1, 3, 10]) {
        const within = calls.filter((at) => at >= from && at < from + seconds * 1_000).length
        expect(within).toBeLessThanOrEqual(seconds * perSecond + atOnce)
      }
    // Nor is time wasted, but for what passed before somebody called.
    expect(time()).toBeLessThanOrEqual(100_000 / perSecond + 3 * 700)
  })
})

test('Of what was seen every address is known, from any number of pages, and no other', () => {
  const page = (n: number) => Array.from({ length: 500 }, (_, i) => `person${n * 500 + i}@example.com`)
  const seen = createAddressSet([0, 1, 2, 3].map((n) => packed(page(n))))
  expect(seen.size).toBe(2000)
  for (const address of page(2)) expect(seen.has(address)).toBe(true)
  for (const address of page(9)) expect(seen.has(address)).toBe(false)
  expect(createAddressSet([]).has('a@example.com')).toBe(false)
})
