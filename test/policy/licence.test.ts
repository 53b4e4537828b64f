import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname
const sources = ['src', 'local', 'bin'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs|js)$/.test(file))
    .map((file) => join(folder, file)),
)

function packagesIn(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const imported = [...text.matchAll(/(?:from|import|require)\s*\(?\s*['"]([^'".][^'"]*)['"]/g)].map(
    (found) => found[1] ?? '',
  )
  return imported
    .filter((name) => !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
}

test('no code that is shipped or that npm start runs imports an AGPL package', () => {
  const require = createRequire(import.meta.url)
  const used = new Map(sources.flatMap((file) => packagesIn(file).map((name): [string, string] => [name, file])))
  expect(used.size).toBeGreaterThan(0)
  for (const [name, file] of used) {
    expect(name, file).not.toMatch(/^@cloud-copilot\//)
    const manifest = require.resolve
      .paths(name)
      ?.map((folder) => join(folder, name, 'package.json'))
      .find((path) => readdirSafely(path))
    if (manifest !== undefined)
      expect(JSON.parse(readFileSync(manifest, 'utf8')).license ?? '', `${name} in ${file}`).not.toMatch(/AGPL/)
  }
})

function readdirSafely(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}
