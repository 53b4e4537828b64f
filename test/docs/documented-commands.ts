/** The commands that a person is told to type: those in fenced blocks of the pages, and mentions of `sesame` in pages and in the source. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Folders whose pages are read. */
const folders = ['', 'docs/', 'iam/', 'events/', 'bench/', 'infra/']

export type Block = { readonly page: string; readonly line: number; readonly commands: readonly string[] }

export const pages: readonly string[] = folders.flatMap((folder) =>
  readdirSync(root + folder, { recursive: folder === 'docs/' })
    .map((name) => folder + String(name))
    .filter((path) => path.endsWith('.md')),
)

export const textOf = (path: string): string => readFileSync(root + path, 'utf8')

/** The blocks of a page that hold commands: `sh` whole, `text` the lines after a prompt. */
export function blocksOf(page: string): Block[] {
  const text = textOf(page)
  return [...text.matchAll(/^( *)```(sh|bash|text)\n(.*?)^ *```/gms)].flatMap(
    ({ index, 2: language, 3: body = '' }) => {
      const lines =
        language === 'text'
          ? body.split('\n').flatMap((line) => /^\$ (.*)$/.exec(line)?.[1] ?? [])
          : body.replaceAll('\\\n', ' ').split('\n')
      const commands = lines.map(withoutComment).filter((line) => line !== '')
      return commands.length === 0 ? [] : [{ page, line: text.slice(0, index).split('\n').length, commands }]
    },
  )
}

const withoutComment = (line: string) => line.replace(/(^|\s)#\s.*$/, '').trim()

/** The words of a command of a shell, without operators, variables and substitutions. */
export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  )

export type Mention = { readonly at: string; readonly words: readonly string[] }

/** Mentions of a command in a text: `sesame roles usage` in code spans of a page, or anywhere in a string of the source. */
export function mentionsIn(path: string): Mention[] {
  const text = textOf(path)
  const spans = path.endsWith('.md')
    ? [...text.matchAll(/`(?:npx )?sesame ([^`\n]+)`/g)]
    : [...text.matchAll(/\bsesame ([a-z][a-z-]+(?: [a-z][a-z-]+| --[a-z-]+)*)/g)]
  return spans.map(({ index, 1: words = '' }) => ({
    at: `${path}:${text.slice(0, index).split('\n').length}`,
    words: wordsOf(words),
  }))
}

/** The source files whose texts a person reads: the commands, what the functions answer, and what `npm start` prints. */
export const sources: readonly string[] = ['src', 'local/demo']
  .flatMap((folder) => readdirSync(root + folder, { recursive: true }).map((name) => `${folder}/${String(name)}`))
  .filter((path) => path.endsWith('.ts'))
