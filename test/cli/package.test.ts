/** The package that `npm pack` makes has a command that runs outside of a checkout. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../../', import.meta.url))

test('the command of the package runs in an empty folder, reads the role files, and ends with the same exit codes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-package-'))
  // The script that npm runs first, but for the installation of dependencies: a test must not change node_modules.
  const [bundler = '', ...args] = packageJson.scripts['prepack:cli'].replace('node bin/ready.mjs ', '').split(' ')
  execFileSync(join(root, 'node_modules/.bin', bundler), args, { cwd: root })
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]
  const packed = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' })
  execFileSync('tar', ['xzf', packed.trim().split('\n').at(-1) ?? ''], { cwd: folder })
  // As npm installs it, without a network: the dependencies are those of the checkout.
  symlinkSync(join(root, 'node_modules'), join(folder, 'package/node_modules'))
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  const sesame = (...args: string[]) =>
    spawnSync(process.execPath, ['../package/bin/sesame.mjs', ...args], { cwd: empty, encoding: 'utf8' })

  expect(sesame('--version')).toMatchObject({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  const explained = sesame('roles', 'explain', 'notification-handler', 'dynamodb:DeleteItem', 'SuppressionsTable')
  expect(explained).toMatchObject({ status: 3, stdout: expect.stringMatching(/^denied: .*notification-handler/) })
  expect(sesame('nope')).toMatchObject({ status: 2, stderr: expect.stringContaining("unknown command 'nope'") })
})

test('ready.mjs leaves the dependencies of another checkout alone, to which node_modules is a link', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-linked-'))
  const [copy, other] = [join(folder, 'copy'), join(folder, 'other')]
  for (const path of [join(copy, 'bin'), join(other, 'kept')]) mkdirSync(path, { recursive: true })
  copyFileSync(join(root, 'bin/ready.mjs'), join(copy, 'bin/ready.mjs'))
  writeFileSync(join(copy, 'package-lock.json'), '{}')
  symlinkSync(other, join(copy, 'node_modules'))
  const ran = spawnSync(process.execPath, [join(copy, 'bin/ready.mjs'), 'node', '--version'], { encoding: 'utf8' })
  expect(ran).toMatchObject({ status: 0, stderr: '' })
  expect(readdirSync(other)).toEqual(['kept'])
})
