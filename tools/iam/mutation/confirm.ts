/**
 * Confirms that a mutant whose verdict differs makes its test fail: writes the mutated role file into a copy of the working tree and runs
 * the test file that made the call.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { parse, stringify } from 'yaml'
import type { PolicyDocument } from '../../../src/policy/document.ts'
import type { Mutant } from './mutants.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const notCopied = new Set(['node_modules', '.git', 'coverage', '.serverless', '.esbuild'])

export type WorkingCopy = {
  fails(mutant: Mutant | undefined, testFile: string, roleFile: string): boolean
  remove(): void
}

export function createWorkingCopy(): WorkingCopy {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-mutants-'))
  for (const name of readdirSync(root))
    if (!notCopied.has(name)) cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    fails(mutant, testFile, roleFile) {
      const path = join(folder, 'iam', `${roleFile}.yml`)
      const text = readFileSync(join(root, 'iam', `${roleFile}.yml`), 'utf8')
      writeFileSync(path, mutant ? mutatedText(text, mutant) : text)
      const vitest = join(root, 'node_modules/vitest/vitest.mjs')
      const { status } = spawnSync(process.execPath, [vitest, 'run', testFile], {
        cwd: folder,
        timeout: 300_000,
        stdio: 'ignore',
      })
      writeFileSync(path, text)
      return status !== 0
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Keeps the head comment, which is part of a role file. */
function mutatedText(text: string, mutant: Mutant): string {
  const head = text
    .split('\n')
    .filter((each) => each.startsWith('# '))
    .join('\n')
  return `${head}\n\n${stringify(mutatedIn(parse(text), mutant), { aliasDuplicateObjects: false })}`
}

/** The value with the mutant's policy document changed. */
function mutatedIn(value: unknown, mutant: Mutant, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => mutatedIn(item, mutant, name))
  if (!isObject(value)) return value
  const own =
    value.Type === 'AWS::IAM::ManagedPolicy' ? name : typeof value.PolicyName === 'string' ? value.PolicyName : name
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key === 'AssumeRolePolicyDocument') return [key, mutant.part.isTrust ? mutatedDocument(item, mutant) : item]
      if (key === 'PolicyDocument')
        return [key, !mutant.part.isTrust && own === mutant.part.name ? mutatedDocument(item, mutant) : item]
      return [key, mutatedIn(item, mutant, key === 'Properties' ? own : key)]
    }),
  )
}

/** Intrinsics remain unresolved: the changes only move items of lists. */
const unresolved = v.custom<PolicyDocument>(isObject)

function mutatedDocument(value: unknown, mutant: Mutant): unknown {
  if (!isObject(value)) return value
  const statements = [value.Statement].flat().map((one) => (isObject(one) ? withLists(one) : one))
  return mutant.apply(v.parse(unresolved, { ...value, Statement: statements }))
}

function withLists(one: Record<string, unknown>): Record<string, unknown> {
  const listed = (item: unknown) => [item].flat()
  const each = (map: unknown, change: (item: unknown) => unknown) =>
    isObject(map) ? Object.fromEntries(Object.entries(map).map(([key, item]) => [key, change(item)])) : map
  return Object.fromEntries(
    Object.entries(one).map(([key, item]) => {
      if (/^(Not)?(Action|Resource)$/.test(key)) return [key, listed(item)]
      if (key === 'Principal') return [key, each(item, listed)]
      return [key, key === 'Condition' ? each(item, (keys) => each(keys, listed)) : item]
    }),
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
