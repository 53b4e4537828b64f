/** A table of a report. */
import { type ComponentChild, h } from 'preact'

/** @param numbers columns that are aligned to the right */
export const table = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): ComponentChild => {
  const classOf = (column: number) => (numbers.includes(column) ? { class: 'number' } : {})
  return h(
    'table',
    null,
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        headings.map((text, i) => h('th', { scope: 'col', ...classOf(i) }, text)),
      ),
    ),
    h(
      'tbody',
      null,
      rows.map((row) =>
        h(
          'tr',
          null,
          row.map((text, i) => (i === 0 ? h('th', { scope: 'row' }, text) : h('td', classOf(i), text))),
        ),
      ),
    ),
  )
}
