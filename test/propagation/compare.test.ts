import { describe, expect, test } from 'vitest'
import type { AccountEntry } from '../../src/propagation/account-entry.ts'
import { createAddressSet, digestsOf } from '../../src/propagation/address-set.ts'
import { compare } from '../../src/propagation/compare.ts'
import { createTokenBucket } from '../../src/propagation/token-bucket.ts'
import type { EvidenceKind } from '../../src/suppression/evidence-kinds.ts'
import type { AddressRecord } from '../../src/suppression/judge.ts'
import { defaultRules } from '../../src/suppression/rules.ts'

const now = new Date('2026-06-01T00:00:00.000Z')
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000)
const entryOf = (days: number, reason: AccountEntry['reason'] = 'BOUNCE'): AccountEntry => ({
  address: 'ann@example.com',
  reason,
  at: ago(days),
})
const evidence = (kind: EvidenceKind, ...days: number[]): AddressRecord['evidence'] =>
  days.map((day) => ({ kind, at: ago(day), feedbackId: `${kind}${day}`, cause: '-' }))
const ruling = (days: number, by = 'ann', why = '') => ({ at: ago(days), by, why })

test.each<[string, AccountEntry, AddressRecord, string]>([
  ['suppressed on both lists', entryOf(1), { evidence: evidence('hard', 1) }, 'in step'],
  ['a complaint on our list only', entryOf(1), { evidence: evidence('complaint', 1) }, 'correct there'],
  ['a complaint on the account list only', entryOf(1, 'COMPLAINT'), { evidence: evidence('hard', 1) }, 'conflict'],
  ['unknown on our list', entryOf(1), { evidence: [] }, 'adopt'],
  [
    'reinstated on our list after the entry',
    entryOf(5),
    { evidence: evidence('hard', 6), reinstated: ruling(2) },
    'lift there',
  ],
  ['reinstated on our list without evidence', entryOf(5), { evidence: [], reinstated: ruling(2) }, 'lift there'],
  [
    'reinstated on our list before the entry',
    entryOf(1),
    { evidence: evidence('hard', 6), reinstated: ruling(2) },
    'adopt',
  ],
  [
    'suppressed by soft bounces until some time ago',
    entryOf(50),
    { evidence: evidence('soft', 50, 51, 52) },
    'lift there',
  ],
  ['known for too few soft bounces to explain the entry', entryOf(50), { evidence: evidence('soft', 50, 51) }, 'adopt'],
  [
    'known for a complaint and a later not-spam report',
    entryOf(5, 'COMPLAINT'),
    { evidence: [...evidence('complaint', 5), ...evidence('not-spam', 4)] },
    'lift there',
  ],
  [
    'imported as a complaint',
    entryOf(5, 'COMPLAINT'),
    { evidence: [], manual: ruling(5, 'account-list', 'COMPLAINT') },
    'in step',
  ],
  ['imported as a bounce', entryOf(5), { evidence: [], manual: ruling(5, 'account-list', 'BOUNCE') }, 'in step'],
])('an entry of an address that is %s is compared by reason and time', (_, entry, record, what) => {
  expect(compare(entry, record, defaultRules, now).what).toBe(what)
})

test('evidence that the current rules ignore explains an entry that earlier rules caused', () => {
  const rules = { ...defaultRules, hardBounce: 'ignore' as const }
  expect(compare(entryOf(5), { evidence: evidence('hard', 5) }, rules, now).what).toBe('lift there')
})

describe('a token bucket', () => {
  function createBucket(perSecond: number, burst: number) {
    let time = 0
    const bucket = createTokenBucket({
      perSecond,
      burst,
      now: () => new Date(time),
      wait: async (milliseconds) => {
        time += milliseconds
      },
    })
    return { bucket, time: () => time, pass: (milliseconds: number) => (time += milliseconds) }
  }

  test.each([
    [1, 1],
    [1, 10],
    [10, 5],
  ])('of %i calls a second never allows more than that, apart from a burst of %i', async (perSecond, burst) => {
    const { bucket, time, pass } = createBucket(perSecond, burst)
    const calls: number[] = []
    for (let i = 0; i < 100; i++) {
      if (i % 37 === 0) pass(700)
      await bucket.take()
      calls.push(time())
    }
    for (const from of calls)
      for (const seconds of [1, 3, 10]) {
        const within = calls.filter((at) => at >= from && at < from + seconds * 1_000).length
        expect(within).toBeLessThanOrEqual(seconds * perSecond + burst)
      }
    // No time is wasted, apart from the time in which no call was made.
    expect(time()).toBeLessThanOrEqual(100_000 / perSecond + 3 * 700)
  })
})

test('an address set contains every address of its pages, and no other', () => {
  const page = (n: number) => Array.from({ length: 500 }, (_, i) => `person${n * 500 + i}@example.com`)
  const set = createAddressSet([0, 1, 2, 3].map((n) => digestsOf(page(n))))
  expect(set.size).toBe(2000)
  for (const address of page(2)) expect(set.has(address)).toBe(true)
  for (const address of page(9)) expect(set.has(address)).toBe(false)
  expect(createAddressSet([]).has('a@example.com')).toBe(false)
})

describe('an entry that SES made because of a bounce that proves nothing', () => {
  const at = new Date('2026-03-10T08:00:00Z')
  const entry: AccountEntry = { address: 'a@example.com', reason: 'BOUNCE', at }
  const now = new Date('2026-03-20T08:00:00Z')
  const record = (kind: EvidenceKind, cause: string, when = at): AddressRecord => ({
    evidence: [{ kind, cause, at: when, feedbackId: 'f' }],
  })

  test.each([
    ['blocked', 'Permanent/General'],
    ['message', 'Permanent/ContentRejected'],
    ['soft', 'Permanent/General'],
  ] as const)('an entry that only a %s bounce with the label %s explains is removed', (kind, cause) => {
    expect(compare(entry, record(kind, cause), defaultRules, now)).toEqual({ what: 'lift there' })
  })

  test.each([
    ['an echo', record('echo', 'Permanent/OnAccountSuppressionList')],
    ['a transient block', record('blocked', 'Transient/General')],
    ['a block of another day', record('blocked', 'Permanent/General', new Date('2026-03-08T08:00:00Z'))],
    ['nothing', { evidence: [] }],
  ])('an entry beside %s was made by somebody else, and is imported', (_, known) => {
    expect(compare(entry, known, defaultRules, now)).toEqual({ what: 'adopt' })
  })
})
