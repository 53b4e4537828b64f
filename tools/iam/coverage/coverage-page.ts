/** Role coverage as a table for the terminal and as an HTML page, coverage/iam.html. */
import type { Grant, RoleCoverage } from './coverage.ts'

const isExercised = ({ calls, simulations }: Grant) => calls + simulations > 0
const percent = (some: number, all: number) => (all === 0 ? '-' : `${Math.floor((100 * some) / all)} %`)

const columns = [
  'role file',
  'grants',
  'exercised',
  'by code',
  'by simulation only',
  'denied',
  'deciding conditions',
] as const

function rowOf({ file, grants, guards, refusals }: RoleCoverage): string[] {
  const byCode = grants.filter(({ calls }) => calls > 0).length
  const exercised = grants.filter(isExercised).length
  return [
    file,
    String(grants.length),
    percent(exercised, grants.length),
    String(byCode),
    String(exercised - byCode),
    String(refusals.reduce((sum, { times }) => sum + times, 0)),
    guards.length === 0 ? '-' : `${guards.filter(({ decided }) => decided > 0).length} of ${guards.length}`,
  ]
}

export function coverageTable(roles: readonly RoleCoverage[]): string {
  const rows = [[...columns], ...roles.map(rowOf)]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')
  return [line(rows[0] ?? []), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.slice(1).map(line)].join(
    '\n',
  )
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const cells = (tag: string, row: readonly string[]) =>
  `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
const table = (head: readonly string[], rows: readonly { kind?: string; cells: readonly string[] }[]) =>
  `<div class="wide"><table><thead>${cells('th', head)}</thead><tbody>${rows
    .map(({ kind, cells: row }) => cells('td', row).replace('<tr>', kind ? `<tr class="${kind}">` : '<tr>'))
    .join('\n')}</tbody></table></div>`

function section({ file, grants, guards, refusals }: RoleCoverage): string {
  const of = (part: string) => (part === 'trust' ? 'trust: ' : '')
  return `<section id="${file}"><h2>${escaped(file)}</h2>
${table(
  ['statement', 'action', 'on', 'calls', 'simulations', 'first exercised by'],
  grants.map((one) => ({
    kind: isExercised(one) ? '' : 'missing',
    cells: [
      of(one.part) + one.statement,
      one.action,
      one.on,
      String(one.calls),
      String(one.simulations),
      one.test ?? 'never',
    ],
  })),
)}
${
  guards.length === 0
    ? ''
    : `<h3>Conditions</h3>${table(
        ['statement', 'condition', 'denied calls that pass without it', 'first in'],
        guards.map((one) => ({
          kind: one.decided > 0 ? '' : 'idle',
          cells: [of(one.part) + one.statement, one.condition, String(one.decided), one.test ?? 'never'],
        })),
      )}`
}
${
  refusals.length === 0
    ? ''
    : `<h3>Denied calls</h3>${table(
        ['action', 'on', 'by', 'times', 'in'],
        refusals.map((one) => ({
          cells: [
            one.action,
            one.resources.join(' '),
            one.by,
            String(one.times),
            `${one.file}: ${one.test || '(set-up)'}`,
          ],
        })),
      )}`
}</section>`
}

export function coveragePage(roles: readonly RoleCoverage[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Role coverage</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; --line: light-dark(#d8dee4, #30363d); --bad: light-dark(#ffebe9, #4b1113); --idle: light-dark(#fff8c5, #3b2e00) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; font-size: 13px } th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem .3rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
.wide { overflow-x: auto } .missing { background: var(--bad) } .idle { background: var(--idle) } h2 { margin-top: 2.5rem }
</style></head><body>
<h1>Role coverage</h1>
<p>How the test run used the grants of the role files in iam/. Red: a grant that no call exercised. Yellow: a condition that never denied a
call that would pass without it.</p>
${table(
  columns,
  roles.map((role) => ({ kind: role.grants.every(isExercised) ? '' : 'missing', cells: rowOf(role) })),
)}
${roles.map(section).join('\n')}
</body></html>
`
}
