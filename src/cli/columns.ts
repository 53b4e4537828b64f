/**
 * Rows of text in aligned columns, and times as they appear in them.
 */
import { printableLine } from './printable.ts'
import { padded, widthOf, wrapped } from './text-width.ts'

const gap = '  '
/** A column is not made narrower than this. */
const minWidth = 8

export type Rows = readonly (readonly string[])[]

/**
 * The widths of the columns, so that a row fits into `width` columns of a terminal if that is possible. The widest columns give way first:
 * as long as possible only as far as their words fit.
 */
export function columnWidthsOf(rows: Rows, width = Number.POSITIVE_INFINITY): number[] {
  const widths = widestOf(rows, widthOf)
  const room = width - gap.length * (widths.length - 1)
  const words = widestOf(rows, (cell) => Math.max(...cell.split(' ').map(widthOf)))
  return narrowed(
    narrowed(widths, words, room),
    words.map(() => minWidth),
    room,
  )
}

function widestOf(rows: Rows, measure: (cell: string) => number): number[] {
  const widest: number[] = []
  for (const row of rows)
    for (const [i, cell] of row.entries()) widest[i] = Math.max(widest[i] ?? 0, measure(printableLine(cell)))
  return widest
}

/** The widths, narrowed column by column until they fit or each is at its least. */
function narrowed(widths: readonly number[], least: readonly number[], room: number): number[] {
  const result = [...widths]
  const spare = () => result.map((width, i) => (width > (least[i] ?? 0) ? width : 0))
  for (let sum = result.reduce((all, width) => all + width, 0); sum > room; sum--) {
    const widest = Math.max(...spare())
    if (widest === 0) break
    const at = spare().lastIndexOf(widest)
    result[at] = widest - 1
  }
  return result
}

/** One line per row, with two spaces between columns. A cell that is wider than its column takes several lines. */
export const alignedRows = (rows: Rows, widths: readonly number[]): string =>
  rows
    .flatMap((row) => {
      const cells = row.map((cell, i) => wrapped(printableLine(cell), Math.max(1, widths[i] ?? 1)))
      const height = Math.max(1, ...cells.map(({ length }) => length))
      return Array.from({ length: height }, (_, line) =>
        cells
          .map((lines, i) => padded(lines[line] ?? '', widths[i] ?? 0))
          .join(gap)
          .trimEnd(),
      )
    })
    .join('\n')

/** A table. The first row is the heading. @param width columns of the terminal; absent if the table may be as wide as it is */
export const columnsOf = (rows: Rows, width?: number): string => alignedRows(rows, columnWidthsOf(rows, width))

/** `2026-03-01 10:00`, in UTC. */
export const minuteOf = (time: Date): string => time.toISOString().slice(0, 16).replace('T', ' ')
