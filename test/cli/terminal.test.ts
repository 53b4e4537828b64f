/** What reaches a terminal: progress that destroys nothing, tables that fit, colour only where it belongs, and no control characters from outside. */
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnsOf, columnWidthsOf } from '../../src/cli/columns.ts'
import { createRowPrinter } from '../../src/cli/output.ts'
import { printable } from '../../src/cli/printable.ts'
import { createTerminal } from '../../src/cli/terminal.ts'
import { cut, widthOf, wrapped } from '../../src/cli/text-width.ts'
import { memoryStream } from './operator.ts'

const esc = '\u001b'
const tty = (columns = 40, depth = 8) => ({ isTTY: true, columns, getColorDepth: () => depth })

describe('the progress line', () => {
  test('the progress line is cleared before each line of output, so that neither destroys the other', async () => {
    const screen = memoryStream(tty())
    const terminal = createTerminal(screen, screen)
    terminal.progress('1 of 2')
    await terminal.print('first')
    terminal.progress('2 of 2')
    terminal.clear()
    expect(screen.text()).toBe(`\r${esc}[2K1 of 2\r${esc}[2Kfirst\n\r${esc}[2K2 of 2\r${esc}[2K`)
  })

  test('the progress line is cut to the terminal, so that it never takes two lines', () => {
    const screen = memoryStream(tty(10))
    createTerminal(screen, screen).progress('用户名字 and much more')
    expect(widthOf(screen.text().replace(`\r${esc}[2K`, ''))).toBeLessThan(10)
  })

  test('the progress line is redrawn ten times a second at most', async () => {
    const screen = memoryStream(tty())
    const terminal = createTerminal(screen, screen)
    for (let i = 0; i < 1000; i++) terminal.progress(String(i))
    await pause(120)
    terminal.progress('last')
    expect(screen.text().split('\r').length - 1).toBeLessThan(6)
    expect(screen.text()).toContain('last')
  })

  test('nothing of the progress is written to a file or a pipe', () => {
    const file = memoryStream()
    createTerminal(file, file).progress('1 of 2')
    expect(file.text()).toBe('')
  })
})

describe('colour', () => {
  const lines = '✓ trust\n✗ trust\nacme ✓'

  test('colour marks the sign at the beginning of a line on a terminal', async () => {
    const screen = memoryStream(tty())
    await createTerminal(screen, screen).print(lines)
    expect(screen.text()).toBe(`${esc}[32m✓${esc}[39m trust\n${esc}[31m✗${esc}[39m trust\nacme ✓\n`)
  })

  test.each([
    ['a file', {}],
    ['a terminal without colour, as NO_COLOR makes it', tty(40, 1)],
  ])('colour is absent from %s', async (_, stream) => {
    const out = memoryStream(stream)
    await createTerminal(out, out).print(lines)
    expect(out.text()).toBe(`${lines}\n`)
  })
})

describe('a table', () => {
  const rows = [
    ['address', 'evidence'],
    ['用户名字@例.example', 'hard Permanent/General 5.1.1 550 user unknown'],
    ['e\u0301le\u0300ve@example.com', 'x'],
  ]

  test('a table aligns characters that take two columns of the terminal, and accents that take none', () => {
    const starts = columnsOf(rows)
      .split('\n')
      .slice(1)
      .map((line) => widthOf(line.slice(0, line.search(/hard|x$/))))
    expect(starts).toEqual([21, 21])
  })

  test('a table fits a narrow terminal, and loses no word', () => {
    const table = columnsOf(rows, 30)
    for (const line of table.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(30)
    for (const word of ['hard', 'unknown', '用户']) expect(table).toContain(word)
  })

  test('a table of any rows fits every terminal that is wide enough for its columns', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }),
        fc.integer({ min: 40, max: 120 }),
        (cells, width) => {
          const table = columnsOf(cells, width)
          for (const line of table.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width)
          expect(columnWidthsOf(cells)).toHaveLength(3)
        },
      ),
      { seed: 1, numRuns: 200 },
    )
  })

  test('wrapped text has the same words, and cut text is its beginning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 20 }), (text, width) => {
        expect(wrapped(text, width).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
        expect(widthOf(cut(text, width))).toBeLessThanOrEqual(Math.max(width, 1))
      }),
      { seed: 2, numRuns: 300 },
    )
  })

  test('a table of many pages has one heading, and the same columns on every page', async () => {
    const out = memoryStream()
    const terminal = createTerminal(out, out)
    const printer = createRowPrinter<number>({ print: terminal.print }, { output: 'table' }, [
      ['number', (row) => row],
      ['square', (row) => row * row],
    ])
    for (let i = 100; i < 600; i++) await printer.add(i)
    await printer.end('none')
    const lines = out.text().trimEnd().split('\n')
    expect(lines).toHaveLength(501)
    expect(lines.filter((line) => line.startsWith('number'))).toEqual(['number  square'])
    expect(new Set(lines.slice(1).map((line) => line.search(/\d+$/)))).toEqual(new Set([8]))
  })
})

describe('text from outside', () => {
  /** What a terminal obeys: control characters other than the end of a line, and marks that reverse text. */
  const obeyed = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u
  const hostile = fc.string({
    unit: fc.constantFrom(
      esc,
      '[2J',
      ']0;title',
      '\u0007',
      '\u009b',
      '\r',
      '\n',
      '\t',
      '\u007f',
      '\u202e',
      '=1+1',
      '"',
      ',',
      'a',
    ),
  })

  test.each(['table', 'json', 'csv'] as const)(
    'text from outside controls nothing in the output format %s',
    async (output) => {
      await fc.assert(
        fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 5 }), async (texts) => {
          const out = memoryStream(tty(60))
          const terminal = createTerminal(out, out)
          const printer = createRowPrinter<string>({ print: terminal.print, width: 60 }, { output }, [
            ['text', (row) => row],
          ])
          for (const text of texts) await printer.add(text)
          await printer.end('none')
          expect(out.text().replaceAll('\n', '')).not.toMatch(obeyed)
          if (output === 'json')
            expect(
              out
                .text()
                .trimEnd()
                .split('\n')
                .map((line) => JSON.parse(line)),
            ).toEqual(texts)
          if (output === 'table')
            expect(
              out
                .text()
                .split('\n')
                .filter((line) => /^(✓|✗)/.test(line)),
            ).toEqual([])
        }),
        { seed: 3, numRuns: 200 },
      )
    },
  )

  test('text from outside cannot begin a line of its own in a table', () => {
    expect(columnsOf([['address'], ['a\n✓ trust  all is well']]).split('\n')).toHaveLength(2)
  })

  test('a cell that a spreadsheet would take as a formula begins with an apostrophe', async () => {
    const out = memoryStream()
    const terminal = createTerminal(out, out)
    const printer = createRowPrinter<string>({ print: terminal.print }, { output: 'csv' }, [['text', (row) => row]])
    for (const text of ['=HYPERLINK("x")', '+1', '-1', '@SUM(A1)', ' =1', 'a=b', 'a "b", c']) await printer.add(text)
    await printer.end('')
    expect(out.text()).toBe(`text\n"'=HYPERLINK(""x"")"\n'+1\n'-1\n'@SUM(A1)\n' =1\na=b\n"a ""b"", c"\n`)
  })

  test('printable text keeps every other character', () => {
    expect(printable('Zoë 用户 👩‍👩‍👧\nsecond line')).toBe('Zoë 用户 👩‍👩‍👧\nsecond line')
    expect(printable(`a${esc}[2Jb`)).toBe('a\\u001b[2Jb')
  })
})
