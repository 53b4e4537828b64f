/**
 * Packages the stack as `serverless package` does before every deployment, offline and without credentials.
 *
 * Works in a copy of the sources, because the bundler writes its files beside serverless.yml and several tests may package at the same time.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as v from 'valibot'

const root = resolve(import.meta.dirname, '../..')
const sources = ['serverless.yml', 'iam', 'infra', 'src', 'package.json', 'tsconfig.json']

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
  remove(): void
}

/** @param settings environment variables that serverless.yml reads, such as SESAME_ALERTS_EMAIL */
export async function packageStack(settings: Record<string, string> = {}): Promise<Packaged> {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-package-'))
  for (const name of sources) cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const packager = join(root, 'node_modules/serverless/bin/serverless.js')
  await promisify(execFile)(process.execPath, [packager, 'package', '--stage', 'test'], {
    cwd: folder,
    timeout: 90_000,
    env: { PATH: process.env.PATH, HOME: folder, SLS_TELEMETRY_DISABLED: '1', AWS_REGION: 'us-east-1', ...settings },
  })
  const output = join(folder, '.serverless')
  const templateFile = join(output, 'cloudformation-template-update-stack.json')
  const zips = readdirSync(output).filter((name) => name.endsWith('.zip'))
  return {
    template: v.parse(template, JSON.parse(readFileSync(templateFile, 'utf8'))),
    templateFile,
    zips: new Map(zips.map((name) => [name.replace(/\.zip$/, ''), readFileSync(join(output, name))])),
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
