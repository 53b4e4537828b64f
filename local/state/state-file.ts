/**
 * The file that keeps the state of `npm start -- --data DIR`, and the lock of its folder.
 *
 * The first line is a header: format, deployment, checksum of the second line. The second line is the state. The file is replaced as a
 * whole, so that a process that ends while it writes leaves the version before.
 */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { readStateText, stateTextOf } from './state-text.ts'

const format = 'sesame embedded AWS state'
const version = 1

/** The deployment that a state belongs to. */
export type Place = { readonly account: string; readonly region: string; readonly stage: string }

/** `runs`: how many processes have written the state, so that each makes ids of its own. */
export type SavedState = { readonly savedAt: Date; readonly runs: number; readonly state: unknown }

const header = v.object({
  format: v.literal(format),
  version: v.number(),
  account: v.string(),
  region: v.string(),
  stage: v.string(),
  savedAt: v.pipe(v.string(), v.isoTimestamp()),
  runs: v.pipe(v.number(), v.integer(), v.minValue(1)),
  checksum: v.string(),
})

/** A state that cannot be used. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError'
  readonly retryable = false
  readonly file: string

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(problem, options)
    this.file = file
  }
}

const fileIn = (folder: string) => join(folder, 'state.json')
const lockIn = (folder: string) => join(folder, 'lock')
const checksumOf = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * Creates the folder if needed and takes its lock, also from a process that ended without releasing it.
 *
 * @returns a function that releases the lock
 * @throws StateFileError if another process has the lock, or the folder cannot be used
 */
export function lockFolder(folder: string): () => void {
  const lock = lockIn(folder)
  for (let tries = 0; tries < 2; tries++) {
    try {
      mkdirSync(folder, { recursive: true })
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return () => rmSync(lock, { force: true })
    } catch (cause) {
      const code = codeOf(cause)
      if (code !== 'EEXIST') throw new StateFileError(lock, `${folder} cannot be used (${code}).`, { cause })
      const holder = holderOf(lock)
      if (holder !== undefined)
        throw new StateFileError(lock, `${folder} is in use by process ${holder}. Stop it, or choose another folder.`)
      rmSync(lock, { force: true })
    }
  }
  throw new StateFileError(lock, `${folder} is in use. Choose another folder.`)
}

/** The running process that holds the lock. */
function holderOf(lock: string): number | undefined {
  try {
    const holder = Number(readFileSync(lock, 'utf8'))
    process.kill(holder, 0)
    return holder
  } catch (cause) {
    if (['ESRCH', 'ENOENT', 'ERR_INVALID_ARG_TYPE'].includes(codeOf(cause))) return undefined
    throw cause
  }
}

const codeOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown error'

/**
 * @returns the saved state; `undefined` if there is none yet
 * @throws StateFileError if it is damaged or belongs to another deployment
 */
export function readState(folder: string, place: Place): SavedState | undefined {
  const file = fileIn(folder)
  const text = textOf(file)
  if (text === undefined) return undefined
  const end = text.indexOf('\n')
  const read = v.safeParse(header, parsed(text.slice(0, end)))
  const body = text.slice(end + 1).trimEnd()
  if (!read.success) throw damaged(file, 'its first line is not the header of a state')
  const { version: written, savedAt, runs, checksum, ...of } = read.output
  if (written !== version)
    throw new StateFileError(
      file,
      `${file} has version ${written} of the format, and this Sesame reads version ${version}. Choose another folder.`,
    )
  for (const part of ['account', 'region', 'stage'] as const)
    if (of[part] !== place[part])
      throw new StateFileError(
        file,
        `${file} belongs to ${part} ${of[part]}, and this deployment is ${part} ${place[part]}. Choose another folder.`,
      )
  if (checksumOf(body) !== checksum) throw damaged(file, 'its checksum is another')
  return { savedAt: new Date(savedAt), runs, state: readStateText(body) }
}

/** @throws Error if the disk refuses */
export function writeState(folder: string, place: Place, saved: SavedState): void {
  const body = stateTextOf(saved.state)
  const first: v.InferInput<typeof header> = {
    format,
    version,
    ...place,
    savedAt: saved.savedAt.toISOString(),
    runs: saved.runs,
    checksum: checksumOf(body),
  }
  const draft = `${fileIn(folder)}.draft`
  const descriptor = openSync(draft, 'w', 0o600)
  try {
    writeFileSync(descriptor, `${JSON.stringify(first)}\n${body}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  // Idempotent: the same state replaces itself.
  renameSync(draft, fileIn(folder))
}

export const damaged = (file: string, problem: string, options?: ErrorOptions): StateFileError =>
  new StateFileError(file, `${file} is damaged: ${problem}. Restore a copy of it, or delete it to begin anew.`, options)

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new StateFileError(file, `${file} cannot be read (${codeOf(cause)}).`, { cause })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
