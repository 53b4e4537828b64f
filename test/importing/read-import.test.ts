import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formats } from '../../src/importing/formats.ts'
import { ImportDateError, readAnyDate, readImportDate } from '../../src/importing/read-date.ts'
import { outcomeOf } from '../../src/importing/read-import.ts'
import { collect, now, refusalOf } from './read.ts'

const causes = async (...args: Parameters<typeof collect>) =>
  (await collect(...args)).rows.map((row) => ('cause' in row ? row.cause : row.type))

describe('the form of a file', () => {
  const twins = 'email,created,status,reason\na@example.com,1709287200,550,no\n'

  test('a file with the columns of bounces and blocks is told apart by its name, and refused without one', async () => {
    expect((await collect([twins], { fileName: 'suppression_bounces.csv' })).format).toBe('sendgrid-bounces')
    expect((await collect([twins], { fileName: 'Blocks.csv' })).format).toBe('sendgrid-blocks')
    expect(await refusalOf([twins], { fileName: 'export.csv' })).toMatch(
      /may be SendGrid bounces or SendGrid blocks.*--format sendgrid-bounces or --format sendgrid-blocks/,
    )
    expect((await collect([twins], { fileName: 'export.csv', format: 'sendgrid-bounces' })).format).toBe(
      'sendgrid-bounces',
    )
  })

  test.each([
    '"Doe, Jane" <jane@example.com>',
    'Doe, Jane <jane@example.com>',
    'Jane Doe <JANE@example.com>,',
    '<jane@example.com>;',
    'mailto:jane@example.com',
    '"jane@example.com"',
    "'jane@example.com'",
    'jane@example.com,',
    '  jane@example.com  ',
    '# a comment\n\n// another\njane@example.com',
    'Suppressed addresses:\njane@example.com',
    'Emails\njane@example.com',
    'sep=;\nEmail\njane@example.com',
    '["jane@example.com"]',
    '{jane}@example.com',
    'sep.jane@example.com',
  ])('a plain list that begins with %j is read as one', async (first) => {
    const found = await collect([`${first}\n"Roe, Rich" <rich@example.com>\nrob@example.com\n`.replace(/\]\n.*/s, ']')])
    expect(found.format).toBe('plain')
    const addresses = found.rows.flatMap((row) => ('address' in row ? [row.address] : []))
    expect(addresses[0]).toBe(/^(?:\{jane\}|sep\.jane)@/.test(first) ? first : 'jane@example.com')
    // The rest of the list is read, whatever its first line.
    if (!first.startsWith('[')) expect(addresses.slice(1)).toEqual(['rich@example.com', 'rob@example.com'])
  })

  test('no first line makes the addresses of a plain list be lost', async () => {
    const line = fc.oneof(
      fc.string({ maxLength: 40 }).filter((text) => !text.includes('@') && !/[\r\n"{[]|sep=/.test(text)),
      fc.constantFrom('"Doe, J" <j@example.com>', 'j@example.com', 'Title', '#', ''),
    )
    await fc.assert(
      fc.asyncProperty(line, async (first) => {
        const text = `${first}\nlast@example.com\n`
        const rows = await collect([text]).then(
          ({ rows }) => rows,
          (error: unknown) => error,
        )
        // Read, or refused as a whole, which the person sees.
        if (Array.isArray(rows)) expect(rows.at(-1)).toMatchObject({ address: 'last@example.com', line: 2 })
        else expect(rows).toBeInstanceOf(Error)
      }),
      { numRuns: 100 },
    )
  })

  test('the order and the case of the columns make no difference', async () => {
    const text = 'CREATED_AT;Email;REASON\n2024-03-01T10:00:00Z;a@example.com;bounce\n'
    expect(await collect([text])).toMatchObject({
      format: 'resend',
      rows: [{ address: 'a@example.com', cause: 'hard bounce' }],
    })
  })

  test('columns of no known export are refused, and --format plain takes the addresses alone', async () => {
    const text = 'name,email,score\nAnn,a@example.com,5\n'
    expect(await refusalOf([text])).toContain('has columns of no known export')
    expect(await causes([text], { format: 'plain' })).toEqual(['manual'])
  })

  test('a wrong --format is refused with the columns that it needs', async () => {
    expect(await refusalOf(['email,created\na@example.com,1\n'], { format: 'mandrill' })).toContain(
      'has not the columns of mandrill: email, reason, detail, createdat',
    )
  })

  test.each([
    ['allowlist.csv', 'email,created\na@example.com,1709287200\n'],
    ['my_whitelist.txt', 'a@example.com\n'],
    ['x.json', '{"items":[{"type":"address","value":"a@example.com","reason":"friend","createdAt":"2024-03-01"}]}'],
    ['members.csv', 'Email Address,MEMBER_RATING,LEID,EUID\na@example.com,5,1,e\n'],
  ])('a list of addresses that may be mailed is refused: %s', async (fileName, text) => {
    expect(await refusalOf([text], { fileName })).toMatch(/may be mailed|subscribed contacts/)
  })

  test('an empty file has no form', async () => {
    expect((await collect([' \n'])).format).toBeUndefined()
    expect(await collect(['{"Suppressions": []}'])).toMatchObject({ rows: [] })
  })
})

describe('the rows of a file', () => {
  test.each(formats.filter(({ id }) => id !== 'plain' && !id.startsWith('sendgrid') && !id.startsWith('mail')))(
    'a reason that nobody knows is a manual suppression: $id',
    (format) => {
      for (const word of ['', 'something new', 'constructor', 'not_bounced', '__proto__']) {
        const cells = new Map(format.has.map((name) => [name, word]))
        for (const name of ['email', 'emailaddress', 'address', 'recipient', 'to', '0'])
          if (format.has.includes(name)) cells.set(name, 'a@example.com')
        for (const name of format.dates) cells.set(name, '2024-03-01T10:00:00Z')
        if (format.id === 'sesame') cells.set('state', 'suppressed')
        if (format.id === 'coss') cells.set('scope', '*')
        if (format.id === 'cloudflare') cells.set('1', '')
        for (const name of ['source', 'suppressionreason', 'reason', 'cause']) cells.set(name, word)
        const row = outcomeOf(cells, format, { include: new Set(), offsetMinutes: 0, now })
        expect(row).toMatchObject({ type: 'suppress', cause: 'manual' })
      }
    },
  )

  test('soft bounces, blocks and partial unsubscribes are imported when they are included', async () => {
    const text =
      'email,reason,detail,created_at\na@example.com,soft-bounce,,2024-03-01\nb@example.com,spam,,2024-03-01\n'
    expect(await causes([text])).toEqual(['left out', 'complaint'])
    expect(await causes([text], { include: new Set(['soft-bounces']) })).toEqual(['soft bounce', 'complaint'])
    const tags = 'address,tags,created_at\na@example.com,news,2024-03-01\n'
    expect(await causes([tags], { include: new Set(['partial-unsubscribes']) })).toEqual(['unsubscribe'])
  })

  test('a quote that is never closed makes its own row bad and loses no other', async () => {
    const rows = Array.from({ length: 2_000 }, (_, i) => `${i}@example.com,bounce,2024-03-01`)
    const text = ['email,reason,created_at', 'bad@example.com,"bounce,2024-03-01', ...rows].join('\n')
    const found = await collect([text])
    expect(found.rows[0]).toEqual({ line: 2, type: 'rejected', why: 'a quote is opened and not closed' })
    expect(found.rows.slice(1).map(({ line }) => line)).toEqual(rows.map((_, i) => i + 3))
  })

  test('a malformed object makes its own row bad and loses no other', async () => {
    const good = '{"email":"a@example.com","reason":"bounce","created_at":"2024-03-01"}'
    for (const bad of ['{"email":"b@example.com', '{"email":"b@example.com"', '{"email":}', '{"email":"b","x":[1}']) {
      const found = await collect([[good, bad, good, good].join('\n')])
      expect(found.rows.map(({ line, type }) => [line, type])).toEqual([
        [1, 'suppress'],
        [2, 'rejected'],
        [3, 'suppress'],
        [4, 'suppress'],
      ])
    }
  })

  test('Latin-1 is read, in a file of its own and among lines of UTF-8', async () => {
    const latin = Buffer.from('email,reason,created_at\nJ\xf6rg <jorg@example.com>,complaint,2024-03-01\n', 'latin1')
    expect(await causes([latin])).toEqual(['complaint'])
    const utf8 = Buffer.from('Jürg <juerg@example.com>,bounce,2024-03-01\n')
    expect((await collect([latin, utf8])).rows).toMatchObject([
      { address: 'jorg@example.com' },
      { address: 'juerg@example.com' },
    ])
  })

  test('the cells of any CSV are read as they were written', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/[\r\n\0]/g, '').trim())
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 20 }), async (details) => {
        const lines = details.map(
          (detail, i) => `${i}@example.com,custom,"x${detail.replaceAll('"', '""')}",2024-03-01`,
        )
        const { rows } = await collect([['email,reason,detail,created_at', ...lines].join('\n')])
        expect(rows.map((row) => ('detail' in row ? row.detail : row.type))).toEqual(
          details.map((detail) => `custom x${detail}`),
        )
      }),
      { numRuns: 50 },
    )
  })
})

describe('the date of a row', () => {
  const at = Date.parse('2024-03-01T10:00:00Z')
  test.each([
    ['1709287200', 0],
    ['1709287200.25', 250],
    ['1709287200123', 123],
    ['2024-03-01T10:00:00Z', 0],
    ['2024-03-01T11:00:00.5+01:00', 500],
    ['2024-03-01 10:00:00', 0],
    ['2024-03-01 10:00:00.1234', 123],
    ['2024-03-01 10:00:00 UTC', 0],
    ['Fri, 01 Mar 2024 10:00:00 UTC', 0],
    ['Fri, 1 Mar 2024 05:00:00 -0500', 0],
  ])('%s is understood', (text, ms) => {
    expect(readImportDate(text, 0, now).getTime()).toBe(at + ms)
  })

  test('a time without a zone has the offset that is given, and one with a zone its own', () => {
    expect(readAnyDate('2024-03-01 10:00:00', 120).toISOString()).toBe('2024-03-01T08:00:00.000Z')
    expect(readAnyDate('2024-03-01 10:00:00Z', 120).toISOString()).toBe('2024-03-01T10:00:00.000Z')
  })

  test.each([
    '01/02/2024',
    '2024-02-30',
    '2024-13-01',
    'yesterday',
    '12',
    '2024-03-01T25:00:00Z',
    '1999-12-31',
    '2026-03-02T12:16:00Z',
  ])('%s is refused', (text) => {
    expect(() => readImportDate(text, 0, now)).toThrow(ImportDateError)
  })
})
