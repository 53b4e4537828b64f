import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  allowedImports,
  circlesOf,
  circlesOfTable,
  forbiddenFolders,
  forbiddenImports,
  importsOf,
  outOfPlace,
  type Sources,
  unknownModules,
} from './imports.ts'

const root = new URL('../../', import.meta.url).pathname

let sources: Sources
beforeAll(async () => {
  const found = new Map<string, string>()
  for await (const path of glob('{src,local,tools,bench,bin,infra}/**/*.{ts,mjs,cjs}', { cwd: root }))
    found.set(path, readFileSync(`${root}${path}`, 'utf8'))
  sources = found
})

describe('the architecture', () => {
  test('the sources are read, with their imports', () => {
    expect(sources.size).toBeGreaterThan(300)
    expect([...sources].flatMap(([path, text]) => importsOf(path, text)).length).toBeGreaterThan(1_000)
    for (const [path, text] of sources)
      for (const { to } of importsOf(path, text)) expect(sources.has(to), `${path}: ${to}`).toBe(true)
  })

  test('nothing in src imports local, tools, web, bin or bench, and other folders import only what the table allows', () => {
    expect(forbiddenFolders(sources)).toEqual([])
  })

  test('modules of src import only the modules below them that the table allows', () => {
    expect(unknownModules(sources)).toEqual([])
    expect(forbiddenImports(sources)).toEqual([])
    expect(circlesOfTable(allowedImports)).toEqual([])
  })

  test('no file imports itself by way of other files', () => {
    expect(circlesOf(sources)).toEqual([])
  })

  test('AssumeRole, TransactWriteItems and PutEvents are called in one place each', () => {
    expect(outOfPlace(sources)).toEqual([])
  })
})

describe('each rule of the architecture fails when it is broken', () => {
  const broken = (path: string, text: string): Sources => new Map([[path, text]])

  test.each(['local', 'tools', 'web', 'bin', 'bench'])('src must not import %s', (folder) => {
    const text = `import { x } from '../../${folder}/x.ts'`
    expect(forbiddenFolders(broken('src/cli/x.ts', text))).toEqual([`src/cli/x.ts imports ${folder}/x.ts`])
  })

  test('a dynamic import and an import of a type count as well', () => {
    expect(forbiddenFolders(broken('src/cli/x.ts', "await import('../../local/x.ts')"))).toHaveLength(1)
    expect(forbiddenFolders(broken('src/cli/x.ts', "import type { X } from '../../local/x.ts'"))).toHaveLength(1)
  })

  test('a module must not import a module above it', () => {
    const text = "import { x } from '../handlers/x.ts'"
    expect(forbiddenImports(broken('src/projects/x.ts', text))).toEqual(['src/projects/x.ts imports src/handlers/x.ts'])
  })

  test('a file directly in src must not import a module', () => {
    expect(forbiddenImports(broken('src/x.ts', "import { x } from './projects/x.ts'"))).toHaveLength(1)
  })

  test('a module that the table does not name is reported', () => {
    expect(unknownModules(broken('src/helpers/x.ts', ''))).toEqual(['helpers'])
  })

  test('a table with a circle is reported', () => {
    expect(circlesOfTable({ a: ['b'], b: ['a'] })).toEqual(['a → b → a'])
  })

  test('two files that import each other are reported', () => {
    const circle: Sources = new Map([
      ['src/cli/a.ts', "import { b } from './b.ts'"],
      ['src/cli/b.ts', "import { a } from './a.ts'"],
    ])
    expect(circlesOf(circle)).toEqual(['src/cli/a.ts → src/cli/b.ts → src/cli/a.ts'])
  })

  test.each([
    ['AssumeRoleCommand', 'src/propagation/x.ts'],
    ['TransactWriteItemsCommand', 'src/projects/x.ts'],
    ['PutEventsCommand', 'src/audit/x.ts'],
  ])('%s must not be named in %s', (command, path) => {
    expect(outOfPlace(broken(path, `new ${command}({})`))).toEqual([`${path} names ${command}`])
  })

  test('PutEvents must not be called in two files of src/events', () => {
    const two: Sources = new Map([
      ['src/events/a.ts', 'new PutEventsCommand({})'],
      ['src/events/b.ts', 'new PutEventsCommand({})'],
    ])
    expect(outOfPlace(two)).toEqual(['PutEventsCommand is named in src/events/a.ts, src/events/b.ts'])
  })
})
