import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** A checkout without dependencies, whose `npm` notes each installation and takes a moment. */
function createCheckout() {
  const root = mkdtempSync(join(tmpdir(), 'sesame-ready-'))
  for (const folder of ['bin', 'path']) mkdirSync(join(root, folder))
  copyFileSync(fileURLToPath(new URL('../../bin/ready.mjs', import.meta.url)), join(root, 'bin/ready.mjs'))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(root, 'path/npm'), '#!/bin/sh\necho "$@" >> installs\nsleep 0.4\nmkdir -p node_modules\n')
  chmodSync(join(root, 'path/npm'), 0o755)
  const ready = () =>
    new Promise<number | null>((resolve) => {
      const env = { ...process.env, PATH: `${join(root, 'path')}:${process.env.PATH}` }
      spawn(process.execPath, [join(root, 'bin/ready.mjs')], { env, stdio: 'ignore' }).on('exit', resolve)
    })
  const installs = () => (existsSync(join(root, 'installs')) ? readFileSync(join(root, 'installs'), 'utf8') : '')
  return { root, ready, installs: () => installs().split('\n').filter(Boolean) }
}

test('commands that start at once in a fresh checkout install the dependencies once', async () => {
  const { ready, installs } = createCheckout()
  expect(await Promise.all([ready(), ready(), ready()])).toEqual([0, 0, 0])
  expect(installs()).toHaveLength(1)
  expect(await ready()).toBe(0)
  expect(installs()).toHaveLength(1)
})

test('the lock of an installation that was killed does not stop the next one', async () => {
  const { root, ready, installs } = createCheckout()
  // No process has this id: it is above the limit of the system.
  writeFileSync(join(root, '.installing'), '2147483646')
  expect(await ready()).toBe(0)
  expect(installs()).toHaveLength(1)
  expect(existsSync(join(root, '.installing'))).toBe(false)
})

test.each([
  ['agrees with', '1.0.0', 0],
  ['differs from', '2.0.0', 1],
])(
  'a command, when the list of what npm has installed %s the lockfile, installs as often as needed',
  async (_, locked, installed) => {
    const { root, ready, installs } = createCheckout()
    const lockOf = (version: string) => JSON.stringify({ packages: { 'node_modules/one': { version } } })
    mkdirSync(join(root, 'node_modules'))
    writeFileSync(join(root, 'node_modules/.package-lock.json'), lockOf('1.0.0'))
    writeFileSync(join(root, 'package-lock.json'), lockOf(locked))
    expect(await ready()).toBe(0)
    expect(installs()).toHaveLength(installed)
  },
)
