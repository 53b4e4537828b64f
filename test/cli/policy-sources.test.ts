import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPolicySource, repository } from '../../src/cli/policy-sources.ts'
import { compareUse } from '../../src/policy/questions/compare.ts'
import { packageStack } from '../deployment/package-stack.ts'

const place = { stage: 'test', account: '123456789012', region: 'us-east-1' }
const folder = mkdtempSync(join(tmpdir(), 'sesame-sources-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rolesOf = (source: string) => new Map(readPolicySource(source, place).roles.map((role) => [role.name, role]))
const git = (...args: string[]) => spawnSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).stdout

test('a git revision is read with its own role files, whatever the working tree holds', () => {
  const roles = rolesOf('HEAD')
  const files = git('ls-tree', '--name-only', 'HEAD', 'iam/').split('\n')
  const names = files.flatMap((file) => /^iam\/([\w-]+)\.yml$/.exec(file)?.[1] ?? [])
  expect(names.length).toBeGreaterThan(20)
  expect([...roles.keys()].sort()).toEqual(names.sort())
  const text = git('show', 'HEAD:iam/notification-handler.yml')
  const statements = roles.get('notification-handler')?.identity.flatMap(({ document }) => document.Statement) ?? []
  expect(statements.map(({ Sid }) => Sid)).toEqual([...text.matchAll(/^ {14}- Sid: (\w+)$/gm)].map(([, sid]) => sid))
})

test('the packaged template grants a role what its checkout grants, for all requests, and a change of it is noticed', async () => {
  const { template } = await packageStack()
  const file = join(folder, 'packaged.json')
  writeFileSync(file, JSON.stringify(template))
  const packaged = rolesOf(file)
  const checkout = rolesOf(repository)
  for (const name of ['notification-handler', 'suppression-reading', 'scheduler-target']) {
    const [one, other] = [
      checkout.get(name),
      [...packaged.values()].find((role) => role.arn === checkout.get(name)?.arn),
    ]
    if (!one || !other) throw new Error(`${name} is missing: ${[...packaged.keys()]}`)
    expect(compareUse(one, other)).toEqual([])
  }
  writeFileSync(file, JSON.stringify(template).replaceAll('"dynamodb:UpdateItem"', '"dynamodb:PutItem"'))
  const changed = [...rolesOf(file).values()].find((role) => role.arn === checkout.get('notification-handler')?.arn)
  const before = checkout.get('notification-handler')
  if (!changed || !before) throw new Error('notification-handler is missing')
  expect(compareUse(before, changed).map(({ change, action }) => `${change} ${action}`)).toEqual([
    'newly allowed dynamodb:PutItem',
    'no longer allowed dynamodb:UpdateItem',
  ])
}, 120_000)
