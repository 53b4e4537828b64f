import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BounceFacts, bounceFindingOf, rowOf } from '../../src/suppression/bounce-finding.ts'
import { isUncounted } from '../../src/suppression/evidence-kinds.ts'
import { codeRows, defaultRows, type Effect, replyRows } from '../../src/suppression/status-codes.ts'
import { subTypeRows } from '../../src/suppression/sub-types.ts'
import { vectors } from './bounce-vectors.ts'

const factsOf = (type: string, subType: string, status = '', diagnostic = '', action = 'failed'): BounceFacts => ({
  type,
  subType,
  action,
  ...(status && { status }),
  ...(diagnostic && { diagnostic }),
})
const effectOf = (facts: BounceFacts): Effect => {
  const { kind } = bounceFindingOf(facts)
  return isUncounted(kind) ? 'none' : kind === 'soft' ? 'soft' : 'hard'
}
const rank = { none: 0, soft: 1, hard: 2 }

/** Every code of the registry of RFC 5248, class left out. */
const registered = [
  ['0.0'],
  ['1.0', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8', '1.9', '1.10'],
  ['2.0', '2.1', '2.2', '2.3', '2.4'],
  ['3.0', '3.1', '3.2', '3.3', '3.4', '3.5', '3.6'],
  ['4.0', '4.1', '4.2', '4.3', '4.4', '4.5', '4.6', '4.7'],
  ['5.0', '5.1', '5.2', '5.3', '5.4', '5.5', '5.6'],
  ['6.0', '6.1', '6.2', '6.3', '6.4', '6.5', '6.6', '6.7', '6.8', '6.9', '6.10'],
  Array.from({ length: 31 }, (_, i) => `7.${i}`),
].flat()

describe('what a bounce says about the recipient', () => {
  test.each(vectors)(
    'a bounce of type %s/%s with status "%s" and the reply "%s" is %s: %s',
    (type, subType, status, diagnostic, effect) => {
      expect(effectOf(factsOf(type, subType, status, diagnostic))).toBe(effect)
    },
  )

  test('each recipient of a bounce is judged by its own action, status and reply', () => {
    expect(effectOf(factsOf('Permanent', 'General', '5.1.1', 'smtp; 550 user unknown'))).toBe('hard')
    expect(bounceFindingOf(factsOf('Permanent', 'General', '4.0.0', '', 'delayed'))).toEqual({ kind: 'delayed' })
  })

  test.each(['delayed', 'relayed', 'delivered', 'expanded', ' Delayed '])(
    'a recipient with the action "%s" has not failed, whatever type and status say',
    (action) => {
      for (const subType of ['General', 'NoEmail', 'Suppressed', 'MailboxFull'])
        expect(bounceFindingOf(factsOf('Permanent', subType, '5.1.1', '550 5.1.1 user unknown', action)).kind).toBe(
          'delayed',
        )
    },
  )

  test.each([
    ['a transient bounce without status and reply is an automatic reply', ['Transient', 'General'], 'automatic-reply'],
    ['so is one whose reply is empty', ['Transient', 'General', '', 'smtp; '], 'automatic-reply'],
    ['an undetermined one proves nothing', ['Undetermined', 'Undetermined'], 'unclear'],
    ['an unknown type is treated as transient', ['Unknown', 'General', '5.1.1'], 'rejected'],
    ['an unknown type without a code proves nothing', ['Unknown', 'General'], 'unclear'],
    ['a permanent one without a code is hard', ['Permanent', 'SomethingNew'], 'hard'],
    [
      'a transient reply without a code is soft',
      ['Transient', 'General', '', 'smtp; the connection timed out'],
      'soft',
    ],
    ['a refusal of the sender is no matter of the address', ['Permanent', 'General', '5.1.8'], 'blocked'],
    [
      'NoEmail with a block in the reply is a block',
      ['Permanent', 'NoEmail', '5.7.1', '550 5.7.1 blocked using list'],
      'blocked',
    ],
    ['an opt-out is one', ['Permanent', 'UnsubscribedRecipient', '5.1.1', '550 5.1.1 user unknown'], 'opt-out'],
    ['a guess of SES is one, whatever the type', ['Undetermined', 'EmailValidationSuppressed', '5.1.1'], 'guess'],
    ['an echo is one, although SES writes 5.1.1', ['Permanent', 'OnAccountSuppressionList', '5.1.1'], 'echo'],
    ['a full mailbox is soft under any type', ['Permanent', 'MailboxFull', '5.1.1'], 'soft'],
    ['the global list has a kind of its own', ['Permanent', 'Suppressed', '5.1.1'], 'global-list'],
    ['a success code is no failure', ['Permanent', 'General', '2.1.5'], 'unclear'],
  ] as const)('%s', (_, [type, subType, status, diagnostic], kind) => {
    expect(bounceFindingOf(factsOf(type, subType, status, diagnostic)).kind).toBe(kind)
  })

  test.each([
    [
      'Transient',
      '',
      'smtp; 550-5.1.1 The email account that you tried to reach does not\n550-5.1.1 exist. Please try',
      'hard',
    ],
    [
      'Transient',
      '',
      'X-Postfix; host mx.example.com[192.0.2.1] said: 550 5.1.1 <a@example.com>: Recipient unknown',
      'hard',
    ],
    ['Transient', '', '511 sorry, no mailbox here by that name (#5.1.1 - chkuser)', 'hard'],
    ['Transient', '', '550-5.1.1<CRLF>550 5.1.1 no such user', 'hard'],
    ['Transient', '5.0.0', 'smtp; 550 5.4.1 All recipient addresses rejected : Access denied', 'hard'],
    [
      'Permanent',
      '5.7.1',
      'smtp; 554 5.7.1 recipient address rejected: user email address is marked as invalid',
      'hard',
    ],
    ['Permanent', '5.1.0', 'smtp; 550 5.1.0 Address rejected: the domain of sender does not exist', 'none'],
    ['Permanent', '5.0.0', 'smtp; 550 5.0.0 MAIL FROM domain not found', 'none'],
    ['Permanent', '5.1.1', 'smtp; 550 5.1.1 Your IP 192.0.2.9 is blocked', 'none'],
    ['Permanent', '5.1.1', 'smtp; 550 5.1.1 antispam.example.com: user unknown', 'hard'],
    ['Permanent', '5.1.1', 'smtp; 550 5.1.1 rejected, see https://www.spamhaus.org/query/ip/192.0.2.9', 'none'],
    ['Permanent', '5.2.2', 'smtp; 552 5.2.2 submission quota exceeded', 'none'],
    ['Permanent', '5.1.1', 'smtp; 451 5.1.1 try again later', 'soft'],
    ['Permanent', '4.2.2', 'smtp; 550 4.2.2 over quota', 'soft'],
    ['Permanent', '5.1.1', 'smtp; 550 5.7.1 refused', 'none'],
    ['Permanent', '5.7.1', 'smtp; 550 5.7.1 mailbox temporarily locked', 'soft'],
    ['Permanent', '5.7.13', 'smtp; 550 5.7.13 STOREDRV.Submit.Exception; AccountDisabled', 'hard'],
    ['Transient', '', 'smtp; 450 mailbox unavailable', 'soft'],
    ['Permanent', '', 'smtp; 554 transaction failed', 'soft'],
    ['Permanent', '', 'smtp; 550 denied', 'hard'],
    ['Permanent', '', 'smtp; user unknown', 'hard'],
    ['Transient', '', 'smtp; user unknown', 'soft'],
    ['Permanent', '550', '', 'hard'],
    ['Transient', '5.4.7', 'smtp; 554 5.4.7 expired, last: 452-4.2.2 mailbox full', 'soft'],
    ['Permanent', '4.4.7', 'smtp; 550 4.4.7 Message expired.<450 4.7.1 greylisted>', 'none'],
    ['Permanent', '5.0.0', 'smtp; 554 4.4.7 Message expired.<421 4.4.2 Connection timed out>', 'soft'],
    ['Permanent', '5.7.606', 'smtp; 550 5.7.606 Access denied, banned sending IP [192.0.2.7]', 'none'],
    ['Permanent', '7.7.1', 'smtp; 550 7.7.1 no such user', 'hard'],
  ] as const)('%s with status "%s" and the reply "%s" is %s', (type, status, diagnostic, effect) => {
    expect(effectOf(factsOf(type, 'General', status, diagnostic))).toBe(effect)
  })
})

describe('the table of codes', () => {
  const all = [...codeRows, ...defaultRows]

  test('the table names each code once, and each registered code', () => {
    const codes = codeRows.map(([code]) => code)
    expect(new Set(codes).size).toBe(codes.length)
    const missing = registered.filter((code) => !codes.includes(`X.${code}`))
    expect(missing).toEqual([])
    expect(registered.length).toBeGreaterThan(75)
  })

  test.each(registered)('X.%s has the effects of its row', (code) => {
    const [, , effects] = rowOf(`5.${code}`)
    const letters = { hard: 'H', soft: 'S', none: '-' }
    const found = [
      effectOf(factsOf('Permanent', 'General', `5.${code}`)),
      effectOf(factsOf('Transient', 'General', `5.${code}`)),
      effectOf(factsOf('Permanent', 'General', `4.${code}`)),
    ].map((effect) => letters[effect])
    expect(found.join('')).toBe(effects)
  })

  test('a code of our side, the message or nothing is never hard, except the two that SES fills in', () => {
    const hard = all.filter(
      ([, about, effects]) => ['us', 'message', 'nothing', 'policy', 'system'].includes(about) && effects.includes('H'),
    )
    expect(hard.map(([code]) => code)).toEqual(['X.0.0', 'X.3.0', 'X.n.n'])
  })

  test('class 4 is never hard, and a transient bounce never harder than a permanent one', () => {
    const value = (effects: string, column: number) => '-SH'.indexOf(effects[column] ?? '')
    for (const [, , effects] of [...all, ...replyRows]) {
      expect(effects[2]).not.toBe('H')
      expect(value(effects, 1)).toBeLessThanOrEqual(value(effects, 0))
    }
  })

  test('each line has its reason', () => {
    for (const [, , , reason] of [...all, ...replyRows]) expect(reason.length).toBeGreaterThan(5)
    for (const { reason } of subTypeRows) expect(reason.length).toBeGreaterThan(5)
  })
})

describe('the properties of the decision', () => {
  const code = fc
    .tuple(fc.constantFrom(4, 5), fc.nat(9), fc.oneof(fc.nat(31), fc.nat(999)))
    .map((numbers) => numbers.join('.'))
  const type = fc.constantFrom('Permanent', 'Transient', 'Undetermined', 'Unknown')
  const words = fc.constantFrom(...vectors.map(([, , , diagnostic]) => diagnostic))

  test('class 4 is never hard, and Transient is never harder than Permanent, whatever the reply says', () => {
    fc.assert(
      fc.property(type, code, words, (label, status, diagnostic) => {
        const effect = effectOf(factsOf(label, 'General', status, diagnostic))
        if (status.startsWith('4.')) expect(effect).not.toBe('hard')
        const permanent = effectOf(factsOf('Permanent', 'General', status, diagnostic))
        expect(rank[effect]).toBeLessThanOrEqual(rank[permanent])
      }),
      { seed: 1, numRuns: 2_000 },
    )
  })

  test('the effect does not depend on case, blanks, line ends or hyphens', () => {
    for (const [label, subType, status, diagnostic] of vectors) {
      const facts = (text: string) => bounceFindingOf(factsOf(label, subType, status, text)).kind
      const kind = facts(diagnostic)
      expect(facts(diagnostic.toUpperCase())).toBe(kind)
      expect(facts(diagnostic.replaceAll(' ', '  '))).toBe(kind)
      expect(facts(diagnostic.replaceAll(' ', '\r\n '))).toBe(kind)
      expect(facts(diagnostic.replace(/(\d{3}) (?=\d\.)/g, '$1-'))).toBe(kind)
      expect(facts(diagnostic.replaceAll('over quota', 'over-quota'))).toBe(kind)
    }
  })

  test('an echo, a guess and an opt-out stay what they are, whatever else the event says', () => {
    const subType = fc.constantFrom(
      'OnAccountSuppressionList',
      'OnTenantSuppressionList',
      'EmailValidationSuppressed',
      'UnsubscribedRecipient',
    )
    fc.assert(
      fc.property(type, subType, code, words, (label, name, status, diagnostic) => {
        expect(effectOf(factsOf(label, name, status, diagnostic))).toBe('none')
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  test('an IPv4 address or a version in a reply is not read as a status', () => {
    const octet = fc.nat(255)
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), fc.constantFrom('[$]', '($)', '$', 'v$'), (octets, form) => {
        const reply = `smtp; refused by ${form.replace('$', octets.join('.'))}`
        expect(bounceFindingOf(factsOf('Transient', 'General', '', reply))).toEqual({ kind: 'soft' })
      }),
      { seed: 3, numRuns: 500 },
    )
  })

  test('any text is judged in a time that does not grow with its length', () => {
    fc.assert(
      fc.property(
        type,
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ unit: 'binary', maxLength: 400 }),
        (label, status, diagnostic) => {
          expect(bounceFindingOf({ type: label, subType: 'General', status, diagnostic })).toHaveProperty('kind')
        },
      ),
      { seed: 4, numRuns: 500 },
    )
    for (const piece of ['a.', '<550 ', 'sender ', '5.1.', '550-', 'ip ', ' '])
      expect(timeOf(() => bounceFindingOf(factsOf('Transient', 'General', '', piece.repeat(100_000))))).toBeLessThan(
        200,
      )
  })
})

function timeOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
