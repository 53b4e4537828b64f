/**
 * The benchmark's tables, as Markdown that reads well in a terminal too.
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

/** Columns of equal width; all but the first to the right, unless they hold words. */
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

Only ratios carry over to another machine: each is against a floor that was measured in the same run, in turns with the function, and is
the median of the ratios of all turns. The microseconds and milliseconds are this machine's, and a busy machine's ratios stray by some
percent; a target that is missed by little is worth a second run. Requests, units, stream records and bytes are counted and exact.

- **The bundles** are built with the esbuild settings of serverless.yml, read from there.
- **CPU per warm event** is user and system time of a process that does nothing but handle events one after another, garbage collection
  included, against a DynamoDB that answers at once from another process. *parse* is \`JSON.parse\` of the SES message. *plain put* is
  one \`PutItem\` of the item that the function leaves in the table, with a client of the SDK as it comes;
  below it the same with what our functions set on theirs (docs/design/deployment.md#what-does-a-cold-start-leave-out). No TLS: it would add the same to both.
  Ten recipients cost less each than one, since their requests go out together.
- **DynamoDB per event** is counted on the embedded AWS, with the function under its deployed role. A duplicate is the same event once more. A
  copy that comes late, after another event about the same address, asks twice, and changes nothing either.
- **Propagation** is counted on the embedded AWS, under the deployed roles: hard bounces in bursts of 100, over so many projects in turn. A
  session is one AssumeRole in a customer's account; each environment of the function opens its own, an hour's worth at a time. The lag is
  of the clock of the embedded AWS: what SES throttles waits in the retry queue.
- **Cold start** is from the beginning of a Node process to the first event done, over TLS. The floor is the plain put bundled by
  esbuild as ECMAScript modules, minified; it makes one request, the function makes two, since it reads the routes first.
`
}
