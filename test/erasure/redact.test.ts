import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { erasedText, hasAddress, withoutAddress } from '../../src/erasure/redact.ts'
import { runsOf } from '../runs.ts'

const address = 'ada@example.com'

describe('finding an address in a text', () => {
  test.each([
    ['ada@example.com', true],
    ['ADA@Example.Com', true],
    ['Ada Lovelace <ada@example.com>', true],
    ['to ada@example.com, bob@example.com.', true],
    ['ada@example.com.', true],
    ['x.ada@example.com', false],
    ['ada@example.com.au', false],
    ['ada@example.common', false],
    ['ada@example.com-x', false],
    ['ada+x@example.com', false],
    ['', false],
  ])('%j has the address: %j', (text, expected) => {
    expect(hasAddress(text, address)).toBe(expected)
  })

  test('withoutAddress takes every spelling out of JSON of any shape, and leaves JSON without it as it is', () => {
    const spelling = fc.constantFrom(address, 'ADA@EXAMPLE.COM', 'Ada <ada@example.com>', '"Ada, L." <Ada@Example.com>')
    const other = fc.constantFrom('bob@example.com', 'x.ada@example.com', 'hello', 7, true)
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        spelling,
        other,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('to', 'address', 'x'), tie('tree')),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const json = JSON.stringify(value)
        const redacted = withoutAddress(json, address)
        expect(redacted.toLowerCase().replaceAll('x.ada@example.com', '')).not.toContain(address)
        if (!json.toLowerCase().replaceAll('x.ada@example.com', '').includes(address)) expect(redacted).toBe(json)
        else expect(redacted).toContain(erasedText)
        expect(withoutAddress(redacted, address)).toBe(redacted)
      }),
      { numRuns: runsOf(200) },
    )
  })

  test('withoutAddress replaces a text with the address that is not JSON', () => {
    expect(withoutAddress('{"to": "ada@example.com"', address)).toBe(erasedText)
    expect(withoutAddress('{"to": "bob@example.com"', address)).toBe('{"to": "bob@example.com"')
  })
})
