import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { floodCosts, floodTable } from '../../bench/flood-cost.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const page = read('docs/threat-model.md')
const results = read('bench/RESULTS.md')

/** Each link to a test file, with its text: the title of a test. */
const namedTests = (text: string) =>
  [...text.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[\w/.-]+\.test\.ts)\)/g)].map(([, title = '', file = '']) => ({
    title,
    file,
  }))
/** Titles as the files write them: quotes are escaped, and a typographic apostrophe may be plain. */
const hasTest = ({ title, file }: { title: string; file: string }) =>
  [`'${title}'`, `"${title}"`, `\`${title}\``, `'${title.replaceAll("'", "\\'")}'`].some((quoted) =>
    read(file).includes(quoted),
  )

test('each test that the threat model names exists, and a changed title is noticed', () => {
  const named = namedTests(page)
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter((one) => !hasTest(one))).toEqual([])
  expect(hasTest({ title: 'a test that nobody wrote', file: 'test/answered.test.ts' })).toBe(false)
})

test('each threat has a number, a defence and a test', () => {
  const rows = page.split('\n').filter((line) => /^\| \d+ \|/.test(line))
  expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(rows.map((_, index) => index + 1))
  for (const row of rows) {
    const [threat = '', defence = '', tests = ''] = row.split(' | ').slice(1)
    expect(threat.length * defence.length, row).toBeGreaterThan(0)
    expect(namedTests(tests).length, row).toBeGreaterThan(0)
  }
})

test('the costs of a flood are those of the counted operations, and far below those of its sender', () => {
  expect(page).toContain(`<!-- flood -->\n${floodTable(results)}\n<!-- /flood -->`)
  const { bounce, duplicate } = floodCosts(results)
  expect(bounce).toBeGreaterThan(duplicate)
  expect(bounce).toBeLessThan(100 / 20)
})

test('a benchmark with more writes per event costs more', () => {
  const worse = results.replace(/^(\| bounce +\|[^|]+\|[^|]+\|) +1 \|/m, '$1 5 |')
  expect(floodCosts(worse).bounce).toBeGreaterThan(floodCosts(results).bounce + 2)
})
