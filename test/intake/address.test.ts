/** One spelling per mailbox, and an error rather than the wrong mailbox. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AddressError, normaliseAddress } from '../../src/intake/address.ts'
import { runsOf } from '../runs.ts'

describe('normaliseAddress', () => {
  test.each([
    ['jane.doe@example.com', 'jane.doe@example.com'],
    ['Jane.Doe+News@EXAMPLE.com', 'jane.doe+news@example.com'],
    [' jane@example.com\r\n', 'jane@example.com'],
    ['<Jane@Example.com>', 'jane@example.com'],
    ['Jane <Jane@Example.com>', 'jane@example.com'],
    ['"Doe, Jane" <jane@example.com>', 'jane@example.com'],
    ['Doe, Jane <jane@example.com>', 'jane@example.com'],
    ['"eve@example.org" <jane@example.com>', 'jane@example.com'],
    ['"a <eve@example.org> b" <jane@example.com>', 'jane@example.com'],
    ['=?utf-8?q?J=C3=A4ne=2C_D?= <jane@example.com>', 'jane@example.com'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['jane@example.com.', 'jane@example.com'],
    ['Jane <Jane@BÜCHER.example.>', 'jane@xn--bcher-kva.example'],
    ['a..b.@docomo.example', 'a..b.@docomo.example'],
    ['"Front Desk"@example.com', '"front desk"@example.com'],
    ['"jane"@example.com', 'jane@example.com'],
    ['"j\\ane"@example.com', 'jane@example.com'],
    ['"a@b"@example.com', '"a@b"@example.com'],
    ['"a\\"b\\\\c"@example.com', '"a\\"b\\\\c"@example.com'],
    ['Desk <"a>b<c"@example.com>', '"a>b<c"@example.com'],
    ['zoe@BÜCHER.example', 'zoe@xn--bcher-kva.example'],
    ['zoe@bu\u0308cher.example', 'zoe@xn--bcher-kva.example'],
    ['Jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['jane@[192.0.2.1]', 'jane@[192.0.2.1]'],
    ['jane@[IPv6:2001:DB8::1]', 'jane@[ipv6:2001:db8::1]'],
    ['root@localhost', 'root@localhost'],
  ])('normaliseAddress reads %j as %s', (written, normalised) => {
    expect(normaliseAddress(written)).toBe(normalised)
  })
})

describe('the errors of normaliseAddress', () => {
  test.each([
    ['', 'is empty'],
    [' \t ', 'is empty'],
    ['jane', 'has no @'],
    ['Jane <>', 'has no @'],
    ['@example.com', 'has nothing before the @'],
    ['""@example.com', 'has nothing before the @'],
    ['jane@', 'has no valid domain behind the @'],
    ['jane@example.com..', 'has no valid domain behind the @'],
    ['jane@.', 'has no valid domain behind the @'],
    ['jane@example..com', 'has no valid domain behind the @'],
    ['jane@.example.com', 'has no valid domain behind the @'],
    ['jane@exa/mple.com', 'has no valid domain behind the @'],
    ['jane@bü/cher.example', 'has no valid domain behind the @'],
    ['jane@b%C3%BCcher.exampleü', 'has no valid domain behind the @'],
    ['jane@１.２', 'has no valid domain behind the @'],
    ['jane@eve@example.com', 'has a character before the @ that needs quotes'],
    ['ja ne@example.com', 'cannot be read in one way only'],
    ['jane @ example.com', 'cannot be read in one way only'],
    ['jane@example .com', 'cannot be read in one way only'],
    ['jane@example.com, eve@example.com', 'cannot be read in one way only'],
    ['Jane <jane@example.com> <eve@example.com>', 'cannot be read in one way only'],
    ['jane(eve)@example.com', 'cannot be read in one way only'],
    ['friends: jane@example.com;', 'cannot be read in one way only'],
    ['ja\0ne@example.com', 'cannot be read in one way only'],
    ['ja\u200bne@example.com', 'has an unprintable character before the @'],
    ['\ud800@example.com', 'is not well-formed Unicode'],
    [`${'j'.repeat(320)}@example.com`, 'has more than 320 characters'],
    [`${'"J" '.repeat(600)}<jane@example.com>`, 'is too long'],
  ])('normaliseAddress rejects %j: it %s', (written, reason) => {
    expect(() => normaliseAddress(written)).toThrow(new AddressError(reason))
  })

  test('an AddressError contains no part of the text', () => {
    expect(() => normaliseAddress('secret person@example.com')).toThrow(/^(?!.*(secret|person|example)).*$/)
  })
})

const character = fc.constantFrom(...'aZ0.@<>"\\ ,;:()[]\'\t%/-_+Äßİﬀσς\u0301\u200bé例。．＠', '\ud83d\ude00', '\ud800')
const addressLike = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: character, maxLength: 24 }),
  fc
    .tuple(fc.string({ unit: character, maxLength: 8 }), fc.string({ unit: character, maxLength: 8 }))
    .map(([local, domain]) => `${local}@${domain}.example`),
  fc.string({ unit: character, minLength: 1, maxLength: 8 }).map((local) => `"${local}"@example.com`),
)

function normalisedOrUndefined(text: string): string | undefined {
  try {
    return normaliseAddress(text)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}

describe('normaliseAddress for any text', () => {
  test('normaliseAddress is idempotent for any text, also with a display name, and throws only AddressError', () => {
    let accepted = 0
    fc.assert(
      fc.property(addressLike, (text) => {
        const address = normalisedOrUndefined(text)
        if (address === undefined) return
        accepted += 1
        expect(normaliseAddress(address)).toBe(address)
        expect(normaliseAddress(`"Name, A" <${address}>`)).toBe(address)
        expect(address.length).toBeLessThanOrEqual(320)
      }),
      { seed: 1, numRuns: runsOf(5_000) },
    )
    expect(accepted).toBeGreaterThan(runsOf(500))
  })

  test('every character has one spelling or is rejected', () => {
    const unstable: string[] = []
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const text = `${String.fromCodePoint(code)}x@example.com`
      const once = normalisedOrUndefined(code < 0x3000 || code % 41 === 0 ? text : 'x@example.com')
      if (once !== undefined && normaliseAddress(once) !== once) unstable.push(code.toString(16))
    }
    expect(unstable).toEqual([])
  })
})
