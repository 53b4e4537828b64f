/**
 * Prints rows as a table, as JSON or as CSV, as they come.
 *
 * A table is printed in pages, so that the first rows of a long list appear at once and a list of any length needs the memory of one page.
 * The widths of the first page hold for the next ones, unless a cell needs more.
 */
import { alignedRows, columnWidthsOf, minuteOf } from './columns.ts'
import type { CommandContext } from './command-context.ts'
import type { OutputOptions } from './common-options.ts'
import { printableLine } from './printable.ts'

type Cell = string | number | Date | undefined

export type Column<Row> = readonly [heading: string, cell: (row: Row) => Cell]

type Printing = Pick<CommandContext, 'print' | 'width'>

const pageRows = 200

/**
 * @param columns of a table and of CSV
 * @param jsonOf what JSON shows of a row: by default the row itself
 */
export function createRowPrinter<Row>(
  { print, width }: Printing,
  { output }: OutputOptions,
  columns: readonly Column<Row>[],
  jsonOf: (row: Row) => unknown = (row) => row,
) {
  const headings = columns.map(([heading]) => heading)
  let page: string[][] = []
  let widths: number[] | undefined
  let count = 0

  async function printPage(): Promise<void> {
    const rows = widths === undefined ? [headings, ...page] : page
    const needed = columnWidthsOf(rows, width)
    const before = widths
    widths =
      before === undefined || width !== undefined
        ? (before ?? needed)
        : needed.map((one, i) => Math.max(one, before[i] ?? 0))
    page = []
    if (rows.length > 0) await print(alignedRows(rows, widths))
  }

  return {
    async add(row: Row): Promise<void> {
      count++
      if (output === 'json') return void (await print(JSON.stringify(jsonOf(row))))
      const cells = columns.map(([, cell]) => cell(row))
      if (output === 'csv') {
        if (count === 1) await print(csvLine(headings))
        return void (await print(csvLine(cells.map(csvText))))
      }
      page.push(cells.map(tableText))
      if (page.length >= pageRows) await printPage()
    },

    /** @param none the sentence to print in place of an empty table */
    async end(none: string): Promise<void> {
      if (output === 'csv' && count === 0) await print(csvLine(headings))
      if (output === 'table' && count === 0) await print(none)
      else if (output === 'table' && page.length > 0) await printPage()
    },
  }
}

/** Prints rows that are all there. */
export async function printRows<Row>(
  context: Printing,
  options: OutputOptions,
  {
    columns,
    rows,
    none,
    jsonOf,
  }: { columns: readonly Column<Row>[]; rows: readonly Row[]; none: string; jsonOf?: (row: Row) => unknown },
): Promise<void> {
  const printer = createRowPrinter(context, options, columns, jsonOf)
  for (const row of rows) await printer.add(row)
  await printer.end(none)
}

/** Prints one thing: as text, as JSON over several lines, or as CSV with one row. */
export async function printOne<Row>(
  context: Printing,
  options: OutputOptions,
  {
    columns,
    row,
    text,
    jsonOf = (one) => one,
  }: { columns: readonly Column<Row>[]; row: Row; text: string; jsonOf?: (row: Row) => unknown },
): Promise<void> {
  if (options.output === 'table') await context.print(text)
  else if (options.output === 'json') await context.print(JSON.stringify(jsonOf(row), undefined, 2))
  else await printRows(context, options, { columns, rows: [row], none: '' })
}

const tableText = (cell: Cell): string => (cell instanceof Date ? minuteOf(cell) : String(cell ?? ''))
const csvText = (cell: Cell): string => (cell instanceof Date ? cell.toISOString() : String(cell ?? ''))

/**
 * A cell that a spreadsheet would take as a formula gets an apostrophe in front; so does one that looks like such a cell already, so that
 * `sesame import` can take exactly these apostrophes away.
 */
const isFormula = /^'*(\s*[=+\-@]|[\t\r\n])/

/** https://www.rfc-editor.org/rfc/rfc4180 and https://owasp.org/www-community/attacks/CSV_Injection */
export function csvLine(cells: readonly string[]): string {
  return cells
    .map(printableLine)
    .map((cell) => (isFormula.test(cell) ? `'${cell}` : cell))
    .map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',')
}
