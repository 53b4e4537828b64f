/**
 * Makes a fresh or stale checkout ready, then runs the given command on the pinned Node.
 *
 * Runs on whatever Node the machine has, before anything is installed: so it is plain JavaScript and imports nothing but Node.
 * The dependencies are stale when package-lock.json is not the one that they were installed from.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'node_modules', '.installed-from')

/** Runs `command` with the project's binaries first in the path; answers its exit code. */
function run(command, args, options = {}) {
  const path = join(root, 'node_modules', '.bin') + delimiter + process.env.PATH
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, PATH: path }, ...options })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

/** Installs what package-lock.json says, unless it already stands there. */
export async function ready() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write('Installing dependencies (once per change of package-lock.json) …\n')
  const quietly = ['inherit', process.stderr, 'inherit']
  const code = await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: quietly,
  })
  if (code !== 0) process.exit(code)
  writeFileSync(stamp, wanted)
}

/** Runs `command` on the pinned Node once the checkout is ready, and exits with its code. */
export async function runReady(command, args, options) {
  await ready()
  process.exit(await run(command, args, options))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, ...args] = process.argv.slice(2)
  if (command) await runReady(command, args, { cwd: root })
  else await ready()
}
