/** What an import did with a file, in one line for a person and as columns. */
import type { ImportCounts } from './import-file.ts'
import type { Column } from './output.ts'

type Row = { readonly file: string; readonly counts: ImportCounts }

const grouped = (number: number): string => number.toLocaleString('en-US')
const rowsText = (number: number): string => `${grouped(number)} ${number === 1 ? 'row' : 'rows'}`
const sum = (numbers: Readonly<Record<string, number>>): number => Object.values(numbers).reduce((a, b) => a + b, 0)

export const importColumns: readonly Column<Row>[] = [
  ['file', ({ file }) => file],
  ['format', ({ counts }) => counts.format.id],
  ['rows', ({ counts }) => sum(counts.byCause) + counts.reinstated],
  ['causes', ({ counts }) => causesText(counts)],
  ['recorded', ({ counts }) => counts.recorded],
  ['unchanged', ({ counts }) => counts.unchanged],
  ['left out', ({ counts }) => sum(counts.leftOut)],
  ['rejected', ({ counts }) => counts.rejected],
]

/** `SendGrid bounces: 12,040 rows → hard bounce, 3 rejected: rejected.csv` */
export function importText(counts: ImportCounts, isDryRun: boolean, rejectedPath: string): string {
  const { format, byCause, reinstated, recorded, unchanged, leftOut, rejected } = counts
  const rows = sum(byCause) + reinstated
  const left = Object.entries(leftOut).map(([why, number]) => `  ${rowsText(number)} left out: ${why}`)
  const notTaken = [
    rejected > 0 && `${grouped(rejected)} rejected`,
    left.length > 0 && `${grouped(sum(leftOut))} left out`,
  ].filter(Boolean)
  const head = `${format.title}: ${rowsText(rows)}${rows === 0 ? '' : ` → ${causesText(counts)}`}`
  const done = isDryRun
    ? '  dry run: nothing was written'
    : `  recorded: ${grouped(recorded)}; unchanged, because a ruling of the same time or a newer one stands: ${grouped(unchanged)}`
  return [
    [head, notTaken.length > 0 && `${notTaken.join(', ')}: ${rejectedPath}`].filter(Boolean).join(', '),
    ...left,
    done,
  ].join('\n')
}

/** `hard bounce`; or of several, the number of each. */
function causesText({ byCause, reinstated }: ImportCounts): string {
  const all = [...Object.entries(byCause), ...(reinstated > 0 ? [['reinstatement', reinstated] as const] : [])]
  const [only, ...others] = all
  if (others.length === 0) return only?.[0] ?? ''
  return all.map(([cause, number]) => `${grouped(number)} ${cause}`).join(', ')
}
