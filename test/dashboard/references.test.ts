import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createReferences, maskedText } from '../../src/dashboard/references.ts'
import { runsOf } from '../runs.ts'

describe('a reference', () => {
  test('leads back to its address, is the same each time, and is of no use to another process', () => {
    const [ours, theirs] = [createReferences(), createReferences()]
    const address = fc.tuple(fc.stringMatching(/^[a-z0-9.+-]{1,20}$/), fc.domain()).map((parts) => parts.join('@'))
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{1,20}$/), address, (project, one) => {
        const ref = ours.refOf(project, one)
        expect(ours.read(ref)).toEqual({ project, address: one })
        expect(ours.refOf(project, one)).toBe(ref)
        expect(ref).not.toContain(one)
        expect(() => theirs.read(ref)).toThrow('has ended')
      }),
      { seed: 13, numRuns: runsOf(200) },
    )
  })

  test('of any other text is refused', () => {
    const { read } = createReferences()
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => read(text)).toThrow('has ended')
      }),
      { seed: 13, numRuns: runsOf(200) },
    )
  })
})

test('every address in a text is masked, and nothing else is changed', () => {
  expect(maskedText('to ann@example.com, Bob <bob.b@a.example>; 550 5.1.1 user unknown')).toBe(
    'to a•••@example.com, Bob <b•••@a.example>; 550 5.1.1 user unknown',
  )
  expect(maskedText('"x@y.example"')).toBe('"x•••@y.example"')
})
