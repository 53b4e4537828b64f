import { describe, expect, test } from 'vitest'
import { idleUsd, monthOf } from '../../../tools/scale/cost.ts'
import { limits, sharesOf } from '../../../tools/scale/limits.ts'
import { loads } from '../../../tools/scale/load.ts'
import { readOperations } from '../../../tools/scale/measured.ts'

const operations = readOperations()
const costOf = (mailsPerDay: number, what: RegExp) =>
  monthOf(operations, { mailsPerDay, projects: 10 }).find((line) => what.test(line.what))?.usdPerMonth ?? 0

describe('the model of cost and limits', () => {
  test('a bounce costs what its message, its invocation and its write unit cost', () => {
    const each = (costOf(1_000_000, /^bounces/) / 30 / 1_000_000 / 0.0152) * 1_000_000
    // SNS 0.50, Lambda 0.20, one write unit 0.625, and some cents for time and log, per million.
    expect(each).toBeGreaterThan(1.32)
    expect(each).toBeLessThan(1.6)
  })

  test('ten times the mail costs ten times as much, and ten times the projects not quite', () => {
    for (const what of [/^bounces/, /^account lists/, /^counts/, /^sending/])
      expect(costOf(10_000_000, what) / costOf(1_000_000, what)).toBeCloseTo(10)
    expect(idleUsd(operations, 1_000)).toBeLessThan(10 * idleUsd(operations, 100))
    expect(idleUsd(operations, 1_000)).toBeGreaterThan(idleUsd(operations, 100))
  })

  test('an operation that needs another write unit costs more', () => {
    const [bounce] = [operations.functions['record-bounce']]
    const dearer = {
      ...operations,
      functions: {
        ...operations.functions,
        'record-bounce': { requests: 1, toDynamodb: 1, readUnits: 0, writeUnits: (bounce?.writeUnits ?? 0) + 1 },
      },
    }
    const load = { mailsPerDay: 1_000_000, projects: 10 }
    expect(monthOf(dearer, load)[0]?.usdPerMonth).toBeGreaterThan(monthOf(operations, load)[0]?.usdPerMonth ?? 0)
  })

  test('the first limit of a load is the one of which most is used, and each names its source and what to do', () => {
    for (const load of loads) {
      const shares = sharesOf(load).map(({ share }) => share)
      expect(shares).toEqual(shares.toSorted((one, other) => other - one))
      expect(shares.every((share) => share > 0)).toBe(true)
    }
    for (const { source, whenReached } of limits) expect(source.length * whenReached.length).toBeGreaterThan(100)
  })

  test('operations that were never measured are an error that names the command', () => {
    expect(() => monthOf({ ...operations, functions: {} }, { mailsPerDay: 1, projects: 1 })).toThrow(/npm run bench/)
  })
})
