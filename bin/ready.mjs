/**
 * Installs the dependencies and builds the page of the dashboard if they are missing or stale, then runs the given command on the pinned Node
 * version.
 *
 * This script runs on the Node version of the machine, before anything is installed. So it is plain JavaScript and imports Node modules
 * only. The dependencies are stale if package-lock.json differs from the one that they were installed from,
 * and if npm's own list of what is installed does not have them.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.installed-from')

/** Holds the process id of the installation that runs. Two at once, for example of `npm start` and `npm test`, would delete each other's files. */
const lock = join(root, '.installing')

/** Runs `command` with the project's binaries first in the path. Resolves to its exit code. */
function run(command, args, options = {}) {
  const path = join(root, 'node_modules', '.bin') + delimiter + process.env.PATH
  // No escape codes in a file or a pipe: not every tool looks at its output before it colours it.
  const plain = process.stdout.isTTY || process.env.FORCE_COLOR ? {} : { NO_COLOR: '1' }
  // Node keeps compiled modules there, TypeScript included: a command starts in half the time.
  const cache = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(modules, '.cache', 'node') }
  const env = { ...process.env, ...plain, ...cache, PATH: path }
  const child = spawn(command, args, { stdio: 'inherit', env, ...options })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  // npm passes no signal on. If it is gone, nobody can stop the command any more.
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, 500).unref()
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

/** @returns whether this process may install. If not, another one installs at the moment. */
function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (isAbandoned()) rmSync(lock, { force: true })
    return false
  }
}

/** A process that was killed leaves its lock behind. */
function isAbandoned() {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/** Whether npm's own list of what is installed has each package of package-lock.json, as after `npm install` of another package. */
function areInstalled() {
  const list = join(modules, '.package-lock.json')
  if (!existsSync(list)) return false
  const [installed, wanted] = [list, join(root, 'package-lock.json')].map(
    (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {},
  )
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  )
}

/** Installs the dependencies of package-lock.json unless they are installed already. Exits the process if that fails. */
export async function ready() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (isInstalled()) return
  if (areInstalled()) return writeFileSync(stamp, wanted)
  // A link leads to the dependencies of another checkout, which npm ci would delete.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return
  while (!takeLock()) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    if (isInstalled()) return
  }
  process.on('exit', () => rmSync(lock, { force: true }))
  process.stderr.write('Installing dependencies, because package-lock.json has changed …\n')
  const stdio = ['inherit', process.stderr, 'inherit']
  const code = await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio,
  })
  if (code !== 0) process.exit(code)
  writeFileSync(stamp, wanted)
  rmSync(lock, { force: true })
}

/** What the page is built from. The versions of its libraries are in package-lock.json. */
const pageSources = ['package-lock.json', 'web', 'src/charts', 'src/dashboard']

/** The files at a path, in a fixed order, without what was built from them. */
function filesAt(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path))
    .filter((name) => !name.startsWith('dist'))
    .sort()
    .flatMap((name) => filesAt(`${path}/${name}`))
}

/** Builds web/dist if its sources have changed. The folder is replaced as a whole, so another process never reads half of a page. */
export async function buildPage() {
  if (!existsSync(join(root, 'web/vite.config.ts'))) return
  const hash = createHash('sha256')
  for (const file of pageSources.flatMap(filesAt)) hash.update(file).update(readFileSync(join(root, file)))
  const wanted = hash.digest('hex')
  const built = join(root, 'web/dist')
  const pageStamp = join(built, '.built-from')
  if (existsSync(pageStamp) && readFileSync(pageStamp, 'utf8') === wanted) return
  const fresh = `${built}-${process.pid}`
  const stdio = ['inherit', process.stderr, 'inherit']
  const code = await run('vite', ['build', '--config', 'web/vite.config.ts', '--outDir', fresh], { cwd: root, stdio })
  if (code !== 0) process.exit(code)
  writeFileSync(join(fresh, '.built-from'), wanted)
  rmSync(built, { recursive: true, force: true })
  try {
    renameSync(fresh, built)
  } catch {
    // Another process has put its page there in between, which is the same.
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Installs the dependencies and builds the page if needed, runs `command` on the pinned Node version, and exits with its exit code. */
export async function runReady(command, args, options) {
  await ready()
  await buildPage()
  process.exit(await run(command, args, options))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, ...args] = process.argv.slice(2)
  if (command) await runReady(command, args, { cwd: root })
  else {
    await ready()
    await buildPage()
  }
}
