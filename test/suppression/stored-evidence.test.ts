import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Evidence, EvidenceKind } from '../../src/suppression/evidence.ts'
import { addressOf, decode, encode, softPlace, surplusOf } from '../../src/suppression/stored-evidence.ts'

const feedbackId = '0100019a5f3c7e21-5f6a7b8c-9d0e-4f1a-8b2c-3d4e5f6a7b8c-000000'
const bounce: Evidence = {
  kind: 'hard',
  at: new Date('2026-03-01T10:00:00.000Z'),
  feedbackId,
  cause: 'Permanent/NoEmail',
  status: '5.1.1',
  diagnostic: 'smtp; 550 5.1.1 <jane@example.com>... User\r\n unknown',
}

const kinds: EvidenceKind[] = ['hard', 'rejected', 'soft', 'complaint', 'uncertain', 'not-spam']
const anyEvidence = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.date({ min: new Date('2011-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  feedbackId: fc.string({ minLength: 1, maxLength: 100 }),
  cause: fc.string({ unit: 'binary', maxLength: 100 }),
  status: fc.string({ minLength: 1, maxLength: 40 }),
  diagnostic: fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 }),
})

describe('stored evidence', () => {
  it('says kind, time, id, cause, status and what the server said, without the address', () => {
    expect(encode(bounce)).toBe(`hard 2026-03-01T10:00:00.000Z ${feedbackId} Permanent/NoEmail 5.1.1 550 User unknown`)
  })

  it('is read back as it was written, but for what had to be cut', () => {
    expect(decode(encode(bounce))).toEqual({ ...bounce, diagnostic: '550 User unknown' })
    const complaint: Evidence = { kind: 'complaint', at: bounce.at, feedbackId, cause: 'abuse' }
    expect(decode(encode(complaint))).toEqual(complaint)
  })

  it('keeps kind, time and identity of any evidence within its room', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const text = encode(evidence)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(160)
        expect(text).toMatch(/^[\x20-\x7e]*$/)
        const { kind, at } = decode(text, evidence.kind === 'soft') ?? {}
        expect({ kind, at }).toEqual({ kind: evidence.kind, at: evidence.at })
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  it('reads no evidence out of a text that is none', () => {
    expect(decode('')).toBeUndefined()
    expect(decode('hard yesterday id cause -')).toBeUndefined()
    expect(decode('unheard-of 2026-03-01T10:00:00.000Z id cause -')).toBeUndefined()
  })
})

describe('surplus evidence', () => {
  const at = (hour: number, kind: EvidenceKind = 'hard') =>
    encode({ ...bounce, kind, at: new Date(Date.UTC(2026, 2, 1, hour)) })

  it('is what stands between the first and the last of its kind', () => {
    expect(surplusOf([at(3), at(1), at(4), at(2)])).toEqual([at(2), at(3)])
    expect(surplusOf([at(1), at(2), at(1, 'complaint'), at(2, 'complaint')])).toEqual([])
  })

  it('is all but the last where only the last decides', () => {
    expect(surplusOf([at(2, 'not-spam'), at(1, 'not-spam'), at(1, 'uncertain')])).toEqual([at(1, 'not-spam')])
  })

  it('stays surplus whatever is added, so that dropping and adding commute', () => {
    const texts = fc.array(anyEvidence.filter(({ kind }) => kind !== 'soft').map(encode), { maxLength: 12 })
    const rest = (set: readonly string[]) => {
      const surplus = new Set(surplusOf([...new Set(set)]))
      return [...new Set(set)].filter((text) => !surplus.has(text)).sort()
    }
    fc.assert(
      fc.property(texts, texts, (some, more) => {
        expect(rest([...rest(some), ...more])).toEqual(rest([...some, ...more]))
      }),
      { seed: 3, numRuns: 300 },
    )
  })
})

describe('the place of a soft bounce', () => {
  it('is the weekday of its week, and depends on the day alone', () => {
    expect(softPlace('a@example.com', new Date('2026-03-01T23:59:59.999Z'))).toEqual({
      key: 'a@example.com soft 2026-02-23',
      weekday: 'sunday',
      expiresAtSeconds: Date.UTC(2026, 4, 31) / 1000,
    })
    expect(softPlace('a@example.com', new Date('2026-03-02T00:00:00Z'))).toMatchObject({
      key: 'a@example.com soft 2026-03-02',
      weekday: 'monday',
    })
  })

  it('tells the address, whatever its local part looks like', () => {
    expect(addressOf('a@example.com soft 2026-03-02')).toEqual({ address: 'a@example.com', soft: true })
    expect(addressOf('"a soft 2026-03-02"@example.com')).toEqual({
      address: '"a soft 2026-03-02"@example.com',
      soft: false,
    })
  })
})
