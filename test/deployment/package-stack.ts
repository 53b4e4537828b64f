/**
 * Packages the stack as `serverless package` does before every deployment, offline and without credentials.
 *
 * Works in a copy of the sources, because the bundler writes its files beside serverless.yml. The copy is kept in the temporary folder under
 * the hash of the sources and settings, so that test files and runs with the same sources package once. Nothing may write to it.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import * as v from 'valibot'

const root = resolve(import.meta.dirname, '../..')
const sources = ['serverless.yml', 'iam', 'infra', 'src', 'package.json', 'package-lock.json', 'tsconfig.json']
const cache = join(tmpdir(), `sesame-packages-${process.getuid?.() ?? 'user'}`)
const packagingMs = 90_000
const keptMs = 24 * 3_600_000

const resource = v.looseObject({
  Type: v.string(),
  Properties: v.optional(v.record(v.string(), v.unknown()), {}),
  DependsOn: v.optional(v.union([v.string(), v.array(v.string())])),
  DeletionPolicy: v.optional(v.string()),
  UpdateReplacePolicy: v.optional(v.string()),
  Condition: v.optional(v.string()),
})
const template = v.looseObject({
  Parameters: v.optional(v.record(v.string(), v.looseObject({ Default: v.optional(v.string()) })), {}),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Resources: v.record(v.string(), resource),
  Outputs: v.record(v.string(), v.looseObject({ Value: v.unknown() })),
})

export type Resource = v.InferOutput<typeof resource>
export type Template = v.InferOutput<typeof template>
export type Packaged = {
  template: Template
  templateFile: string
  /** The archive for Lambda of each function in serverless.yml. */
  zips: Map<string, Buffer>
  folder: string
}

/** @param settings environment variables that serverless.yml reads, such as SESAME_ALERTS_EMAIL */
export async function packageStack(settings: Readonly<Record<string, string>> = {}): Promise<Packaged> {
  const folder = await packagedFolder(settings)
  const output = join(folder, '.serverless')
  const templateFile = join(output, 'cloudformation-template-update-stack.json')
  const zips = readdirSync(output).filter((name) => name.endsWith('.zip'))
  return {
    template: v.parse(template, JSON.parse(readFileSync(templateFile, 'utf8'))),
    templateFile,
    zips: new Map(zips.map((name) => [name.replace(/\.zip$/, ''), readFileSync(join(output, name))])),
    folder,
  }
}

/** The folder with the packaged sources: the one that exists, or a new one. One process at a time packages. */
async function packagedFolder(settings: Readonly<Record<string, string>>): Promise<string> {
  const folder = folderOf(root, settings)
  const lock = `${folder}.lock`
  mkdirSync(cache, { recursive: true })
  while (!existsSync(folder)) {
    if (!isTaken(lock)) {
      await sleep(200)
      continue
    }
    try {
      return existsSync(folder) ? folder : await packageCopy(settings)
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
  return folder
}

/** Takes the lock, also from a process that ended without releasing it. */
function isTaken(lock: string): boolean {
  const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
  if (since !== undefined && Date.now() - since > 2 * packagingMs) rmSync(lock, { recursive: true, force: true })
  return mkdirSync(lock, { recursive: true }) !== undefined
}

async function packageCopy(settings: Readonly<Record<string, string>>): Promise<string> {
  removeOld()
  const copy = mkdtempSync(join(cache, 'copy-'))
  for (const name of sources) cpSync(join(root, name), join(copy, name), { recursive: true })
  // From the copy: a source may have changed in the meantime.
  const folder = folderOf(copy, settings)
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const packager = join(root, 'node_modules/serverless/bin/serverless.js')
  await promisify(execFile)(process.execPath, [packager, 'package', '--stage', 'test'], {
    cwd: copy,
    timeout: packagingMs,
    env: { PATH: process.env.PATH, HOME: copy, SLS_TELEMETRY_DISABLED: '1', AWS_REGION: 'us-east-1', ...settings },
  })
  if (existsSync(folder)) rmSync(copy, { recursive: true })
  else renameSync(copy, folder)
  return folder
}

/** The place of the package of the sources in a folder. */
function folderOf(folder: string, settings: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256').update(JSON.stringify([process.version, root, settings]))
  for (const source of sources)
    for (const file of filesOf(join(folder, source))) {
      const content = readFileSync(file)
      hash.update(`\n${file.slice(folder.length)} ${content.length}\n`).update(content)
    }
  return join(cache, hash.digest('hex').slice(0, 32))
}

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function removeOld(): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - changed > keptMs) rmSync(path, { recursive: true, force: true })
  }
}
