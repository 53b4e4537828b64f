// biome-ignore-all lint/a11y/noRedundantRoles: on a narrow screen, the style makes blocks of the elements, which takes their roles away.
/** A table that becomes cards on a narrow screen, with the same order of facts. The roles keep it a table for screen readers there. */
import type { ComponentChildren } from 'preact'

export type Column<Row> = {
  readonly heading: string
  readonly cell: (row: Row) => ComponentChildren
  readonly isNumber?: boolean
}

type Props<Row> = {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
}

export function Table<Row>({ label, columns, rows, keyOf }: Props<Row>) {
  const classOf = ({ isNumber }: Column<Row>) => (isNumber ? 'number' : '')
  return (
    <table class="cards" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.heading} scope="col" role="columnheader" class={classOf(column)}>
              {column.heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map((column, index) =>
              index === 0 ? (
                <th key={column.heading} scope="row" role="rowheader">
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.heading} role="cell" data-label={column.heading} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
