/** The package that `npm pack` makes, installed into an empty project, and used against `npm start`. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const samples = [...readFileSync(join(root, 'docs/sending.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code = '']) => code,
)

let project: string
let server: ChildProcess
let environment: Record<string, string>

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'sesame-client-'))
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', project], {
    cwd: root,
    encoding: 'utf8',
  })
  execFileSync('tar', ['xzf', packed.trim().split('\n').at(-1) ?? ''], { cwd: project })
  // As npm installs it, without a network: the package, and the one dependency of the client with its own.
  mkdirSync(join(project, 'node_modules'))
  cpSync(join(project, 'package'), join(project, 'node_modules/sesame-ses'), { recursive: true })
  for (const scope of [
    '@aws-sdk',
    '@smithy',
    '@aws-crypto',
    '@types',
    'tslib',
    'undici-types',
    'bowser',
    'fast-xml-parser',
    'nodemailer',
  ])
    try {
      symlinkSync(join(root, 'node_modules', scope), join(project, 'node_modules', scope))
    } catch {
      // Not every version of the SDK has each of them.
    }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', type: 'module' }))
  environment = await startDemo()
}, 120_000)
afterAll(() => {
  server?.kill()
  rmSync(project, { recursive: true })
})

/** Starts the demo. @returns the variables that it tells the reader to export */
function startDemo(): Promise<Record<string, string>> {
  server = spawn(process.execPath, ['local/demo/start.ts', '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    let printed = ''
    server.once('exit', () => reject(new Error(`The demo ended: ${printed.slice(-500)}`)))
    server.stdout?.on('data', (text) => {
      printed += String(text)
      if (!/^export .*AWS_ACCESS_KEY_ID=.*\n/m.test(printed)) return
      const exports = (printed.match(/^export .*$/gm) ?? []).join(' ')
      resolve(Object.fromEntries(Array.from(exports.matchAll(/(\w+)=(\S+)/g), ([, name, value]) => [name, value])))
    })
  })
}

const run = (code: string) => {
  writeFileSync(join(project, 'sample.mjs'), code)
  return spawnSync(process.execPath, ['sample.mjs'], {
    cwd: project,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...environment },
  })
}

test('docs/sending.md has samples', () => {
  expect(samples.length).toBeGreaterThanOrEqual(2)
})

test.each(samples.map((code) => [code.split('\n').find((line) => line.includes('await')) ?? '', code]))(
  'the sample with `%s` runs against npm start as it is written',
  (_, code) => {
    expect(run(code)).toMatchObject({ status: 0, stderr: '' })
  },
)

test('an application checks recipients in ten lines', () => {
  const found = run(`import { createSesame } from 'sesame-ses/client'
const sesame = createSesame({ project: 'acme' })
await sesame.suppressions.suppress(['gone@customer.example'], { why: 'test' })
const outcomes = await sesame.check(['a@example.com', 'gone@customer.example'])
console.log(JSON.stringify(outcomes.map(({ state, reason }) => [state, reason])))`)
  expect(JSON.parse(found.stdout)).toEqual([
    ['allowed', null],
    ['refused', 'hard bounce'],
  ])
})

test('the types of the client are part of the package', () => {
  writeFileSync(
    join(project, 'sample.ts'),
    `import { createSesame, SesameError } from 'sesame-ses/client'
const outcomes = await createSesame({ project: 'acme' }).check(['a@example.com'])
const state: 'allowed' | 'refused' | undefined = outcomes[0]?.state
// @ts-expect-error: there is no such state
const wrong: 'clear' | undefined = outcomes[0]?.state
console.log(state, wrong, SesameError)`,
  )
  const options = { target: 'es2024', module: 'nodenext', strict: true, noEmit: true, types: [] }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['sample.ts'] }))
  const checked = spawnSync(join(root, 'node_modules/.bin/tsc'), ['--project', project], { encoding: 'utf8' })
  expect(checked).toMatchObject({ status: 0, stdout: '' })
})
