/** The command `npm run iam:lint`: its output and its exit code. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Packaged, packageStack } from '../../../deployment/package-stack.ts'

const root = resolve(import.meta.dirname, '../../../..')
const packaged = '.serverless/cloudformation-template-update-stack.json'

let stack: Packaged
beforeAll(async () => {
  stack = await packageStack()
}, 120_000)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sesame-lint-'))
  for (const name of ['iam', 'serverless.yml']) cpSync(join(root, name), join(folder, name), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function putTemplate() {
  mkdirSync(join(folder, '.serverless'))
  cpSync(stack.templateFile, join(folder, packaged))
}

function run() {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'tools/iam/lint/main.ts'), folder], {
    encoding: 'utf8',
  })
  return { lines: stdout.trimEnd().split('\n'), stderr, status }
}

test('iam:lint reports nothing in the role files of the repository', () => {
  const { lines, stderr, status } = run()
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  expect(lines).toEqual([
    'No packaged template found, so it is not checked. Run npm run package to create it.',
    expect.stringMatching(/^0 findings in \d+ role files and serverless\.yml, by \d+ rules\.$/),
  ])
})

test('iam:lint prints location, rule, problem and fix of a finding, and exits with 1', () => {
  const file = join(folder, 'iam/notification-handler.yml')
  const broken = readFileSync(file, 'utf8').replace('Action: dynamodb:Query', 'Action: dynamodb:Querry')
  writeFileSync(file, broken)
  const line = broken.split('\n').findIndex((text) => text.includes('dynamodb:Querry')) + 1
  const { lines, status } = run()
  expect(status).toBe(1)
  expect(lines[0]).toBe(
    `iam/notification-handler.yml:${line}  action-exists  LookUpTheProjectOfAnAccount names dynamodb:Querry, which AWS does not define.  Did you mean dynamodb:Query?`,
  )
  expect(lines.at(-1)).toMatch(/^1 finding in /)
})

test('iam:lint reports nothing in the packaged template, and warns if the template is older than its sources', () => {
  putTemplate()
  expect(run()).toMatchObject({ status: 0, lines: [expect.stringContaining(`serverless.yml, ${packaged}`)] })
  utimesSync(join(folder, packaged), 0, 0)
  expect(run()).toMatchObject({ status: 0, lines: [expect.stringContaining('older'), expect.anything()] })
})

test('iam:lint reports a role that is not deployed as its file defines it', () => {
  const file = join(folder, 'iam/operator.yml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('MaxSessionDuration: 3600', 'MaxSessionDuration: 7200'))
  putTemplate()
  const { lines, status } = run()
  expect(status).toBe(1)
  expect(lines[0]).toMatch(/:\d+ {2}function-role {2}OperatorRole is not deployed as iam\/operator\.yml defines it\. /)
})
