/**
 * `npm run generate`: writes every generated page (tools/pages/pages.ts) and prints the changed files. Idempotent.
 *
 * `npm run generate -- --check` writes nothing. It prints the stale files and exits with 1 if there are any. It does not check sizes of
 * archives, because it does not package the stack.
 */
import { parseArgs } from 'node:util'
import { measureArchives } from './pages/archive-sizes.ts'
import { allPages } from './pages/pages.ts'
import { isStale, orphans, writePages } from './pages/stale.ts'

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values

if (check) {
  const pages = allPages()
  const stale = [...pages.filter(isStale).map(({ path }) => path), ...orphans(pages)]
  for (const path of stale) console.error(`${path} is stale. Run npm run generate.`)
  if (stale.length === 0) console.log(`All ${pages.length} generated files are up to date.`)
  else process.exitCode = 1
} else {
  const changed = writePages(allPages(measureArchives()))
  console.log(changed.length === 0 ? 'All generated files are up to date.' : changed.join('\n'))
}
