import fc from 'fast-check'
import { expect, test } from 'vitest'
import { templateIn, templateNameOf, templateNamesOf } from '../../src/projects/template-name.ts'
import { runsOf } from '../runs.ts'

const project = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/)
const template = fc.stringMatching(/^[A-Za-z0-9_-]{1,10}$/)

test('a name leads back to its template, and in no other project to any, however similar their names are', () => {
  const similar = project.chain((one) => fc.tuple(fc.constant(one), fc.oneof(project, fc.constant(`${one}-2`))))
  fc.assert(
    fc.property(similar, template, ([one, other], name) => {
      const stored = templateNameOf(one, name)
      expect(templateIn(one, stored)).toBe(name)
      expect(stored.startsWith(templateNamesOf(one).slice(0, -1))).toBe(true)
      if (one === other) return
      expect(templateIn(other, stored)).toBeUndefined()
      expect(stored.startsWith(templateNamesOf(other).slice(0, -1))).toBe(false)
    }),
    { numRuns: runsOf(400) },
  )
})

test.each(['sesame-acme_', 'sesame-acme', 'welcome', 'Sesame-acme_x', ''])('%j is no template of acme', (name) => {
  expect(templateIn('acme', name)).toBeUndefined()
})
