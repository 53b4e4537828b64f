/**
 * Writes the benchmark's tables as Markdown that is also readable in a terminal.
 */
import { cpus } from 'node:os'

export type Target = {
  readonly what: string
  readonly measured: string
  readonly target: string
  readonly met: boolean
}
export type Table = {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export const targetsTable = (targets: readonly Target[]): Table => ({
  title: 'Targets',
  head: ['what', 'measured', 'target', ''],
  rows: targets.map(({ what, measured, target, met }) => [what, measured, target, met ? 'met' : '**not met**']),
})

/** Columns of equal width. Columns of numbers, apart from the first column, are aligned to the right. */
export function markdown({ title, head, rows }: Table): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0), 3))
  const isNumber = head.map((_, column) => column > 0 && rows.every((row) => /^[\d.,× ]+$/.test(row[column] ?? '')))
  const cell = (text: string, column: number) =>
    isNumber[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)
  const line = (row: readonly string[]) => `| ${row.map(cell).join(' | ')} |`
  const rule = widths.map((width, column) => (isNumber[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [`## ${title}`, '', line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}

export function resultsFile(tables: readonly Table[]): string {
  const machine = `${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.version}`
  return `# Benchmark

\`npm run bench\` wrote this on ${new Date().toISOString().slice(0, 10)}: ${machine}.

${tables.map(markdown).join('\n\n')}

## How to read it

Only ratios are comparable between machines. Each ratio is against a baseline of the same run, measured in turns with the function, and is the
median of the ratios of all turns. The microseconds and milliseconds belong to this machine, and the ratios of a busy machine vary by some
percent: if a target is missed by little, run the benchmark again. Requests, units, stream records and bytes are counted and exact.

- **The bundles** are built with the esbuild settings of serverless.yml.
- **CPU per warm event** is the user and system time of a process that only handles events one after another, including garbage collection,
  against a DynamoDB stub in another process that answers at once, over TLS. *plain put* is one \`PutItem\` of the item that the function writes,
  with the SDK, bundled as our functions are. *raw request* is the same put, signed and sent by hand: the floor. Many recipients cost less per
  address than one, because their requests are sent together.
- **DynamoDB per event** is counted on the embedded AWS, with the function under its deployed role. A duplicate is the same event again. A copy
  that arrives late, after another event about the same address, makes two requests and changes nothing either.
- **One invocation of each function** is an ordinary one, after the demo of \`npm start\`: the bundle as it ships, in a process of its own with the
  session of its role, against the embedded AWS in another process. The scheduled functions find nothing due.
- **Growth**: one process handles bounces of ten recipients each, of one project or of many in turn, against the stub. A row is measured over 2,000
  addresses, after so many before.
- **Propagation** is counted on the embedded AWS, under the deployed roles: hard bounces in bursts of 100, over the projects in turn. A session
  is one AssumeRole in a customer's account. Each execution environment of the function opens its own sessions, which last an hour. The lag is
  measured by the clock of the embedded AWS: calls that SES throttles wait in the retry queue.
- **Cold start** is the time from the start of a Node process to the end of the first event, over TLS. The columns are ratios to three baselines:
  the plain put bundled by esbuild as ECMAScript modules, the same bundled as our functions are (CommonJS, credentials from the environment), and
  the raw request. Each makes one request; the function makes two, because it reads the routes first.
`
}
