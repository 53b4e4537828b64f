/** No document and no comment refers to a place that does not exist. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anchorsOf, brokenLinks, commentsOf, filesOf, missingPaths, type Read, readRepository, root } from './links.ts'

const textOf = (file: string) => readFileSync(join(root, file), 'utf8')
const sources = filesOf(['ts', 'mjs', 'cjs', 'yml'])

test('every relative link of every Markdown file leads to a file and a heading', () => {
  const files = filesOf(['md'])
  expect(files).toContain('README.md')
  expect(files).toContain('docs/design/README.md')
  expect(files.flatMap((file) => brokenLinks(file, textOf(file), readRepository))).toEqual([])
})

test('every repository path that a comment names exists', () => {
  expect(sources.length).toBeGreaterThan(300)
  const here = sources.filter((file) => !file.startsWith('test/docs/'))
  expect(here.flatMap((file) => missingPaths(file, commentsOf(file, textOf(file)), readRepository))).toEqual([])
})

test('every repository path that a Markdown file names exists', () => {
  // The changelog names what once existed.
  const files = filesOf(['md']).filter((file) => file !== 'CHANGELOG.md')
  expect(files.flatMap((file) => missingPaths(file, textOf(file), readRepository))).toEqual([])
})

test('every page of docs that a message of the code names exists', () => {
  const named = sources
    .filter((file) => /^(src|local|tools|bench)\//.test(file))
    .flatMap((file) =>
      Array.from(textOf(file).matchAll(/(?<![\w/])docs\/[\w/-]+\.md(?:#[\w-]+)?/g), ([path]) => ({ file, path })),
    )
  expect(named.map(({ file }) => file).filter((file) => file.startsWith('src/configuration/'))).not.toEqual([])
  expect(named.flatMap(({ file, path }) => missingPaths(file, path, readRepository))).toEqual([])
})

test('the index of docs/design lists every question once', () => {
  const pages = filesOf(['md']).filter((file) => /^docs\/design\/(?!README)/.test(file))
  const questions = pages.flatMap((file) =>
    Array.from(textOf(file).matchAll(/^## (.+)$/gm), ([, question = '']) => question),
  )
  const listed = Array.from(
    textOf('docs/design/README.md').matchAll(/^- \[(.+?)\]\(/gm),
    ([, question = '']) => question,
  )
  expect(listed.toSorted()).toEqual(questions.toSorted())
  expect(questions.filter((question) => !question.endsWith('?'))).toEqual([])
})

describe('the check of links', () => {
  const files: Readonly<Record<string, string>> = {
    'docs/a.md': '# A page\n\n## Why `this`?\n\n## Why `this`?\n',
    'src/known.ts': '',
    iam: '',
  }
  const read: Read = (path) => files[path]

  test('finds a missing file, a missing heading and a missing heading of the same file', () => {
    const page = '[one](b.md) [two](a.md#nowhere) [three](#nowhere) [four](../src/gone.ts)'
    expect(brokenLinks('docs/a.md', page, read)).toEqual([
      'docs/a.md: docs/b.md does not exist',
      'docs/a.md: docs/a.md has no heading #nowhere',
      'docs/a.md: docs/a.md has no heading #nowhere',
      'docs/a.md: src/gone.ts does not exist',
    ])
  })

  test('accepts files, headings, repeated headings, other sites and links inside code', () => {
    const page =
      '[1](a.md) [2](a.md#why-this-1) [3](../src/known.ts) [4](https://a.example/b.md) `[5](no.md)`\n```\n[6](no.md)\n```\n'
    expect(brokenLinks('docs/a.md', page, read)).toEqual([])
  })

  test('makes anchors as GitHub does', () => {
    expect([...anchorsOf('# Why fail closed?\n## `a` & b, c\n')]).toEqual(['why-fail-closed', 'a--b-c'])
  })

  test('finds a path that does not exist in a comment, and in no other place', () => {
    const code =
      "/** See src/gone.ts and src/known.ts. */\nconst a = 'src/text.ts' // docs/a.md#nowhere, iam/NAME.yml, test/*.ts\n"
    expect(missingPaths('f.ts', commentsOf('f.ts', code), read)).toEqual([
      'f.ts: src/gone.ts does not exist',
      'f.ts: docs/a.md has no heading #nowhere',
      'f.ts: test does not exist',
    ])
    expect(missingPaths('f.yml', commentsOf('f.yml', 'a: iam/none.yml # iam/gone.yml'), read)).toEqual([
      'f.yml: iam/gone.yml does not exist',
    ])
  })
})
