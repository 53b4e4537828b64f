/** The page stays small: it is loaded by people who have a problem. */
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { builtPage } from '../../src/dashboard/assets.ts'

const kilobyte = 1_000
const sizeOf = (extension: string) =>
  readdirSync(`${builtPage}assets`)
    .filter((name) => name.endsWith(extension))
    .reduce((sum, name) => sum + gzipSync(readFileSync(`${builtPage}assets/${name}`), { level: 9 }).length, 0)

test('the script has at most 45 KB and the style at most 8 KB, gzipped', () => {
  expect(sizeOf('.js')).toBeGreaterThan(10 * kilobyte)
  expect(sizeOf('.js')).toBeLessThanOrEqual(45 * kilobyte)
  expect(sizeOf('.css')).toBeGreaterThan(kilobyte)
  expect(sizeOf('.css')).toBeLessThanOrEqual(8 * kilobyte)
})

test('the page holds no script, style or address of elsewhere in its markup', () => {
  const html = readFileSync(`${builtPage}index.html`, 'utf8')
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|style=|onload=|https?:/)
  expect(html).toMatch(/<script type="module"[^>]* src="\/dashboard\/assets\//)
})
