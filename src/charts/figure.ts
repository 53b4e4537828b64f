/**
 * What every chart has around its drawing: a title, the answer as a sentence, and the numbers as a table behind a disclosure.
 *
 * The drawing is hidden from screen readers: the sentence and the table say the same. The components are written without JSX, because Node runs
 * these files as they are. Colours are custom properties with a fallback, so that a chart looks right in the dashboard, in a report and on paper.
 */
import { type ComponentChild, type ComponentChildren, h } from 'preact'

/** A column of the table of numbers. Numbers are aligned to the right. */
export type NumberColumn = { readonly heading: string; readonly isNumber?: boolean }

export type ChartFigureProps = {
  readonly title: string
  /** What the chart shows, as one sentence with the number that matters. */
  readonly sentence: string
  readonly columns: readonly NumberColumn[]
  readonly rows: readonly (readonly string[])[]
  /** Name of the disclosure of the table, such as `Numbers of 30 days`. */
  readonly tableLabel: string
  readonly children?: ComponentChildren
}

/** Custom properties that a page may set, each with its value for light paper. */
export const chartColors = {
  text: 'var(--chart-text, #3b4452)',
  grid: 'var(--chart-grid, #d5dae1)',
  line: 'var(--chart-line, #1b5fc1)',
  area: 'var(--chart-area, #dbe7f8)',
  warning: 'var(--chart-warning, #8a5a00)',
  critical: 'var(--chart-critical, #b3261e)',
  background: 'var(--chart-background, #ffffff)',
} as const

export function ChartFigure({
  title,
  sentence,
  columns,
  rows,
  tableLabel,
  children,
}: ChartFigureProps): ComponentChild {
  return h(
    'figure',
    { class: 'chart' },
    h(
      'figcaption',
      { class: 'chart-caption' },
      h('strong', { class: 'chart-title' }, title),
      ' ',
      h('span', null, sentence),
    ),
    children,
    h('details', { class: 'chart-numbers' }, h('summary', null, tableLabel), table(columns, rows)),
  )
}

const cellClass = (column: NumberColumn | undefined) => (column?.isNumber ? { class: 'number' } : {})

const table = (columns: readonly NumberColumn[], rows: readonly (readonly string[])[]): ComponentChild =>
  h(
    'table',
    null,
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        columns.map((column) => h('th', { scope: 'col', ...cellClass(column) }, column.heading)),
      ),
    ),
    h(
      'tbody',
      null,
      rows.map((row) =>
        h(
          'tr',
          null,
          row.map((text, index) =>
            index === 0 ? h('th', { scope: 'row' }, text) : h('td', cellClass(columns[index]), text),
          ),
        ),
      ),
    ),
  )
