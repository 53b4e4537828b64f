/** The links of Markdown files, and the paths of this repository that comments name. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Reads a file of the repository; `undefined` if it does not exist. A folder is the empty text. */
export type Read = (path: string) => string | undefined

export const readRepository: Read = (path) => {
  const full = join(root, path)
  if (!existsSync(full)) return undefined
  return /\.md$/.test(path) ? readFileSync(full, 'utf8') : ''
}

const notOurs = new Set(['node_modules', '.git', '.serverless', '.esbuild', 'coverage'])

/** Paths of all files of the repository that end in one of `extensions`, without what tools and the package manager write. */
export const filesOf = (extensions: readonly string[]): string[] =>
  extensions
    .flatMap((extension) => [
      ...globSync(`**/*.${extension}`, { cwd: root, exclude: (name) => notOurs.has(name) }),
      ...globSync(`.{github,ci}/**/*.${extension}`, { cwd: root }),
    ])
    .sort()

/** Markdown without fenced code and without code spans, which may hold brackets that are no links. */
const proseOf = (markdown: string) => markdown.replace(/^ *```.*?^ *```$/gms, '').replace(/`[^`\n]*`/g, 'code')

/** The anchor that GitHub gives to each heading; a repeated heading gets a number. */
export function anchorsOf(markdown: string): Set<string> {
  const seen = new Map<string, number>()
  const headings = markdown.replace(/^ *```.*?^ *```$/gms, '').matchAll(/^#{1,6} +(.+?) *$/gm)
  return new Set(
    Array.from(headings, ([, heading = '']) => {
      const slug = heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\-_ ]/gu, '')
        .replaceAll(' ', '-')
      const count = seen.get(slug) ?? 0
      seen.set(slug, count + 1)
      return count === 0 ? slug : `${slug}-${count}`
    }),
  )
}

function brokenTarget(path: string, anchor: string | undefined, read: Read): string | undefined {
  const text = read(path)
  if (text === undefined) return `${path} does not exist`
  if (anchor && path.endsWith('.md') && !anchorsOf(text).has(anchor)) return `${path} has no heading #${anchor}`
  return undefined
}

/** The relative links of a Markdown file that lead nowhere, each with the reason. */
export function brokenLinks(file: string, markdown: string, read: Read): string[] {
  return Array.from(proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .flatMap((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : normalize(join(dirname(file), path)).replace(/\/$/, '')
      const broken = brokenTarget(target, anchor, read)
      return broken ? [`${file}: ${broken}`] : []
    })
}

/** The comments of a TypeScript, JavaScript or YAML file, one text. A comment in a string counts too: it names a path as well. */
export function commentsOf(file: string, text: string): string {
  const patterns = /\.ya?ml$/.test(file) ? [/(?:^|\s)#(.*)$/gm] : [/\/\*(.*?)\*\//gs, /(?:^|\s)\/\/(.*)$/gm]
  return patterns.flatMap((pattern) => Array.from(text.matchAll(pattern), ([, comment = '']) => comment)).join('\n')
}

const folders = 'src|local|tools|test|docs|iam|infra|bench|bin|events|web|\\.github|\\.ci'
/**
 * A path from the root. `*`, `…`, words in capitals and single letters are placeholders: only the folder before them is looked up. Lambda's
 * notation `src/handlers/x.handler` names the export of a file.
 */
const pathPattern = new RegExp(`(?<![\\w/.@:*-])(?:${folders})/[\\w./*…-]*(?:#[\\w-]+)?`, 'g')

/** The paths of the repository that a text names and that do not exist, each with the reason. */
export function missingPaths(file: string, text: string, read: Read): string[] {
  return Array.from(text.matchAll(pathPattern), ([found]) =>
    found.replace(/[.…-]+$/, '').replace(/\.handler$/, '.ts'),
  ).flatMap((found) => {
    const [path = '', anchor] = found.split('#')
    const parts = path.split('/')
    const wild = parts.findIndex((part) => /[*…]|^([A-Z]+|[a-z])\b(?!\.md)/.test(part))
    const known = (wild < 0 ? parts : parts.slice(0, wild)).join('/').replace(/\/$/, '')
    const broken = brokenTarget(known, wild < 0 ? anchor : undefined, read)
    return broken ? [`${file}: ${broken}`] : []
  })
}
