/** Compares generated pages with their files, and writes them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from './page.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Folders that contain generated files only. A file in them that no page generates is stale. */
const generatedFolders = ['test/iam/reach']

const currentText = (path: string) => (existsSync(`${root}${path}`) ? readFileSync(`${root}${path}`, 'utf8') : '')

/** Files in the generated folders that belong to no page. */
export const orphans = (pages: readonly Page[]): string[] =>
  generatedFolders
    .flatMap((folder) => readdirSync(`${root}${folder}`).map((file) => `${folder}/${file}`))
    .filter((path) => !pages.some((page) => page.path === path))

/** Whether the file of the page differs from what is generated. */
export function isStale(page: Page): boolean {
  const current = currentText(page.path)
  return page.text(current) !== current
}

/** Writes every stale page and deletes every orphan. Idempotent. @returns the paths of the changed files */
export function writePages(pages: readonly Page[]): string[] {
  const written = pages.flatMap(({ path, text }) => {
    const current = currentText(path)
    const next = text(current)
    if (next === current) return []
    mkdirSync(dirname(`${root}${path}`), { recursive: true })
    writeFileSync(`${root}${path}`, next)
    return [path]
  })
  const deleted = orphans(pages)
  for (const path of deleted) rmSync(`${root}${path}`)
  return [...written, ...deleted]
}
