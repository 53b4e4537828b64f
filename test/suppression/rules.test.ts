import { describe, expect, test } from 'vitest'
import { readProject } from '../../src/projects/project.ts'
import { defaultRules } from '../../src/suppression/rules.ts'

const read = (rules: unknown) => readProject({ id: 'acme', account: '111122223333', rules }).rules

describe('the suppression rules of a project', () => {
  test.each([
    [
      { softBounces: { onDays: 5 } },
      'rules.softBounces.withinDays is missing, and so is rules.softBounces.suppressForDays',
    ],
    [
      { softBounces: {} },
      'rules.softBounces.onDays is missing, and so are rules.softBounces.withinDays, rules.softBounces.suppressForDays',
    ],
    [{ softBounces: { onDays: 5, withinDays: 14 } }, 'rules.softBounces.suppressForDays is missing'],
    [
      { softBounces: { onDays: 5, withinDays: 3, suppressForDays: 1 } },
      'rules.softBounces onDays cannot exceed withinDays',
    ],
    [
      { softBounces: { onDays: 1, withinDays: 1, suppressForDays: 1, x: 1 } },
      'rules.softBounces.x is not a known field',
    ],
    [{ softBounces: 'never' }, 'rules.softBounces must be ("ignore" | Object)'],
    [{ blocked: 'hard' }, 'rules.blocked must be ("suppress" | "ignore")'],
  ])('rules of %j are refused, and the error says why: %s', (rules, message) => {
    expect(() => read(rules)).toThrow(message)
  })

  test('a rule that is not given has its default, also in settings that version 0.2.0 stored', () => {
    const stored = {
      hardBounce: 'suppress',
      rejectedAddress: 'soft',
      complaint: 'suppress',
      uncertainComplaint: 'ignore',
      softBounces: { onDays: 3, withinDays: 14, suppressForDays: 30 },
    }
    expect(read(stored)).toEqual({ ...defaultRules, rejectedAddress: 'soft', uncertainComplaint: 'ignore' })
    expect(read({ softBounces: 'ignore' })).toEqual({ ...defaultRules, softBounces: 'ignore' })
  })
})
