/**
 * `npm run mutate`: changes the pure modules in small ways with Stryker, runs their tests, and prints the score of each file. Fails if a file has a
 * lower score than bench/reliability.json says. `--record` writes the scores there; `--report FILE` reads a report instead of making one.
 *
 * Stryker is installed for this run only: no other script needs it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { readFigures, recordFigures } from '../../local/simulation/figures.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const packages = ['@stryker-mutator/core@10.1.1', '@stryker-mutator/vitest-runner@10.1.1']
const config = 'tools/mutation/stryker.config.json'

const Report = v.object({
  files: v.record(v.string(), v.object({ mutants: v.array(v.object({ status: v.string() })) })),
})

const { values } = parseArgs({ options: { record: { type: 'boolean', default: false }, report: { type: 'string' } } })

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit code ${status}`)
}

function makeReport(): string {
  // Without an entry in package.json, and without the scripts of the packages.
  if (!existsSync(`${root}node_modules/@stryker-mutator/vitest-runner`))
    run('npm', [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--legacy-peer-deps',
      ...packages,
    ])
  run(process.execPath, ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', config])
  return `${root}coverage/mutation.json`
}

const { files } = v.parse(Report, JSON.parse(readFileSync(values.report ?? makeReport(), 'utf8')))
const scores: Record<string, { mutants: number; found: number }> = {}
for (const [path, { mutants }] of Object.entries(files)) {
  const counted = mutants.filter(({ status }) => ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status))
  const found = counted.filter(({ status }) => status === 'Killed' || status === 'Timeout').length
  if (counted.length > 0) scores[path.replace(/^.*src\//, '')] = { mutants: counted.length, found }
}

const { mutation: recorded } = readFigures()
const scoreOf = ({ mutants, found }: { mutants: number; found: number }) => (100 * found) / mutants
const lower: string[] = []
for (const [file, score] of Object.entries(scores)) {
  const before = recorded[file]
  // A file that changed has other mutants, so a little less is no loss.
  const isLower = before !== undefined && scoreOf(score) < scoreOf(before) - 1
  if (isLower) lower.push(file)
  process.stdout.write(
    `${scoreOf(score).toFixed(1).padStart(5)} %  ${file}${isLower ? ' (lower than recorded)' : ''}\n`,
  )
}
if (values.record) recordFigures({ mutation: { ...recorded, ...scores } })
else if (lower.length > 0) process.exitCode = 1
