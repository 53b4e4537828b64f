/**
 * Text of a CSV file → its rows, as they are read. `csv-parse` reads the cells; the rows are found here, because `csv-parse` loses all rows after
 * a quote that is never closed. docs/design/importing.md#why-find-the-rows-of-a-csv-file-before-parsing-them
 */
import { parse } from 'csv-parse/sync'

export type CsvRow = { readonly line: number; readonly raw: string } & (
  | { readonly cells: readonly string[] }
  | { readonly problem: string }
)

type Raw = { readonly line: number; readonly raw: string; readonly problem?: string }

/** Rows that are parsed in one call. */
const rowsAtOnce = 500
/** A quoted cell has no more lines and characters. Then its quote counts as not closed, and the line after the quote is the next row. */
const maxLines = 500
const maxCharacters = 256 * 1024

export async function* csvRows(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRow> {
  let batch: Raw[] = []
  for await (const row of rawRows(text, delimiter)) {
    batch.push(row)
    if (batch.length < rowsAtOnce) continue
    yield* parsed(batch, delimiter)
    batch = []
  }
  yield* parsed(batch, delimiter)
}

/** Rows with text: lines, joined where a quoted cell holds a line break. */
async function* rawRows(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<Raw> {
  let pending: { line: number; text: string }[] = []
  let isOpen = false
  let characters = 0

  /** Adds a line. A quote that stays open for too long makes its own line a bad row, and the lines after it are read again. */
  function* add(line: { line: number; text: string }): Generator<Raw> {
    if (pending.length === 0 && line.text.trim() === '') return
    pending.push(line)
    characters += line.text.length
    isOpen = isOpenAfter(line.text, isOpen, delimiter)
    if (!isOpen) yield* complete()
    else if (pending.length > maxLines || characters > maxCharacters) yield* giveUp()
  }

  function* complete(): Generator<Raw> {
    const [first] = pending
    const raw = pending.map((one) => one.text).join('\n')
    pending = []
    characters = 0
    if (first) yield { line: first.line, raw }
  }

  function* giveUp(): Generator<Raw> {
    const [first, ...others] = pending
    pending = []
    characters = 0
    isOpen = false
    if (first) yield { line: first.line, raw: first.text, problem: 'a quote is opened and not closed' }
    for (const other of others) yield* add(other)
  }

  for await (const line of linesOf(text)) yield* add(line)
  while (pending.length > 0) yield* giveUp()
}

/** Lines that end with a line feed, a carriage return, or both. */
export async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let rest = ''
  let line = 0
  for await (const part of text) {
    const all = rest + part
    // A carriage return at the end may be the first half of a line end.
    const usable = all.endsWith('\r') ? all.slice(0, -1) : all
    const lines = usable.split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? '') + all.slice(usable.length)
    for (const one of lines) yield { line: ++line, text: one }
  }
  if (rest !== '') yield { line: ++line, text: rest.replace(/\r$/, '') }
}

/** Whether a quoted cell is open at the end of a line. A quote opens a cell at its beginning only: `5" disk` is text. */
function isOpenAfter(line: string, wasOpen: boolean, delimiter: string): boolean {
  if (!wasOpen && !line.includes('"')) return false
  let isOpen = wasOpen
  let isAtStart = !wasOpen
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i)
    if (isOpen) {
      if (character !== '"') continue
      if (line.charAt(i + 1) === '"') i++
      else isOpen = false
    } else if (character === delimiter) isAtStart = true
    else if (character === '"' && isAtStart) [isOpen, isAtStart] = [true, false]
    else if (character !== ' ') isAtStart = false
  }
  return isOpen
}

/** Parses rows in one call. If `csv-parse` does not understand one of them, each is parsed alone. */
function* parsed(rows: readonly Raw[], delimiter: string): Generator<CsvRow> {
  const good = rows.filter(({ problem }) => problem === undefined)
  const together = cellsOf(good, delimiter)
  let next = 0
  for (const { line, raw, problem } of rows) {
    if (problem !== undefined) {
      yield { line, raw, problem }
      continue
    }
    const cells = together ? together[next++] : cellsOf([{ line, raw }], delimiter)?.[0]
    yield cells ? { line, raw, cells } : { line, raw, problem: 'its quotes are not those of CSV' }
  }
}

/** `undefined` if one of the rows is not CSV. */
function cellsOf(rows: readonly Raw[], delimiter: string): string[][] | undefined {
  try {
    const cells = parse(rows.map(({ raw }) => raw).join('\n'), {
      delimiter,
      record_delimiter: '\n',
      trim: true,
      relax_quotes: true,
      relax_column_count: true,
    })
    return cells.length === rows.length ? cells : undefined
  } catch {
    return undefined
  }
}
