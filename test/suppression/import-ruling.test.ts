import { describe, expect, test } from 'vitest'
import { importCauses, importedOf, importRulingTextsOf } from '../../src/suppression/import-ruling.ts'
import { judge } from '../../src/suppression/judge.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { isReservedName } from '../../src/suppression/stored-ruling.ts'

const now = new Date('2026-03-02T12:00:00Z')
const at = new Date('2024-03-01T10:00:00Z')
const until = new Date('2026-04-01T00:00:00Z')
const verdictOf = (imported: Parameters<typeof importRulingTextsOf>[0], reinstatedAt?: Date) =>
  judge(
    {
      evidence: [],
      manual: { at, ...importRulingTextsOf(imported) },
      ...(reinstatedAt && { reinstated: { at: reinstatedAt, by: 'ann', why: 'asked' } }),
    },
    defaultRules,
    now,
  )

describe('the ruling of an import', () => {
  test.each([
    ['hard bounce', 'hard bounce'],
    ['complaint', 'complaint'],
    ['soft bounce', 'soft bounces'],
    ['unsubscribe', 'manual'],
    ['manual', 'manual'],
    ['block', 'manual'],
  ] as const)('%s suppresses since the date of the list, with the reason %s', (cause, reason) => {
    expect(verdictOf({ source: 'sendgrid', cause, detail: 'x' })).toMatchObject({
      state: 'suppressed',
      reason,
      since: at,
    })
  })

  test('a newer reinstatement wins, and an older one does not', () => {
    const imported = { source: 'sendgrid', cause: 'hard bounce', detail: '' } as const
    expect(verdictOf(imported, new Date('2024-03-01T10:00:00Z')).state).toBe('clear')
    expect(verdictOf(imported, new Date('2024-03-01T09:59:59Z')).state).toBe('suppressed')
  })

  test('a suppression with an expiry ends by itself', () => {
    const imported = { source: 'telnyx', cause: 'manual', until, detail: '' } as const
    expect(verdictOf(imported)).toMatchObject({ state: 'suppressed', until })
    expect(verdictOf({ ...imported, until: new Date('2026-03-01T00:00:00Z') }).state).toBe('clear')
  })

  test.each(importCauses)('%s is read as it was written', (cause) => {
    for (const imported of [
      { source: 'x', cause, detail: '' },
      { source: 'x', cause, until, detail: '550: no' },
    ])
      expect(importedOf(importRulingTextsOf(imported))).toEqual(imported)
  })

  test('a person whose reason reads like a cause is a manual suppression, and cannot take the name of an import', () => {
    const manual = { at, by: 'ann', why: 'hard bounce: 550' }
    expect(judge({ evidence: [], manual }, defaultRules, now)).toMatchObject({ reason: 'manual' })
    expect(importedOf(manual)).toBeUndefined()
    expect(isReservedName(' Import:SendGrid ')).toBe(true)
    expect(isReservedName('important')).toBe(false)
  })
})
