/**
 * Reads the policies that `sesame roles compare` is asked about: a checkout, a git revision of this repository, a template as CloudFormation
 * receives it, a role file, or one policy document.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parsePolicy } from '../policy/document.ts'
import { sessionOf } from '../policy/request.ts'
import {
  isCheckout,
  type PoliciesInForce,
  policiesOfRoleFile,
  policiesOfTemplate,
  readPoliciesInForce,
} from '../template/policies-in-force.ts'
import type { Place } from '../template/template-bindings.ts'
import { parseYaml } from '../template/yaml-file.ts'
import { UsageError } from './usage-error.ts'

/** The repository that this program is part of. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** @throws UsageError if the text names neither a file, a folder nor a revision | YamlFileError | UnresolvedError | PolicyError */
export function readPolicySource(text: string, place: Place): PoliciesInForce {
  if (!existsSync(text)) return readRevision(text, place)
  if (statSync(text).isDirectory()) {
    if (!isCheckout(text))
      throw new UsageError(`${text} has no serverless.yml. Name a checkout, a file or a git revision`)
    return readPoliciesInForce(text, place)
  }
  const value: unknown = parseYaml(text, readFileSync(text, 'utf8'))
  const { Resources: resources, Statement: statements, AWSTemplateFormatVersion: version } = Object(value)
  if (statements !== undefined) return policiesOfDocument(value, place)
  if (resources === undefined)
    throw new UsageError(`${text} is neither a policy document nor a template: it has neither Statement nor Resources`)
  const name = basename(text).replace(/\.[^.]+$/, '')
  return version === undefined ? policiesOfRoleFile(value, name, repository, place) : policiesOfTemplate(value, place)
}

/** One document is compared as the policy of a role, or as the policy that protects one. */
function policiesOfDocument(value: unknown, { account }: Place): PoliciesInForce {
  const document = parsePolicy(value)
  const name = 'policy'
  const arn = `arn:aws:iam::${account}:role/policy`
  const isTrust = document.Statement.some(({ Principal, NotPrincipal }) => Principal ?? NotPrincipal)
  const role = {
    name,
    arn,
    account,
    principal: sessionOf(arn, 'a-session'),
    sessionSeconds: 3600,
    resolve: (one: unknown) => one,
    identity: isTrust ? [] : [{ name, document }],
    ...(isTrust && { trust: { name, document } }),
  }
  return { account, roles: [role], resources: [] }
}

/** Writes the files of a revision that define policies into a folder, reads them, and removes the folder. */
function readRevision(revision: string, place: Place): PoliciesInForce {
  if (revision.startsWith('-')) throw new UsageError(`${revision} is no file, folder or git revision`)
  const folder = mkdtempSync(join(tmpdir(), 'sesame-revision-'))
  try {
    const paths = ['serverless.yml', 'package.json', 'iam', 'infra']
    for (const path of git(revision, ['ls-tree', '-r', '--name-only', revision, '--', ...paths]).split('\n')) {
      if (!/\.(yml|json)$/.test(path)) continue
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, path), git(revision, ['show', `${revision}:${path}`]))
    }
    if (!isCheckout(folder)) throw new UsageError(`Revision ${revision} has no serverless.yml`)
    return readPoliciesInForce(folder, place)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function git(revision: string, args: readonly string[]): string {
  const { status, stdout, error } = spawnSync('git', ['-C', repository, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  if (error !== undefined || status !== 0)
    throw new UsageError(`${revision} is no file and no folder, and git knows no such revision of ${repository}`)
  return stdout
}
