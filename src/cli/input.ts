/**
 * Files, folders and standard input → payloads, one by one, for the commands that take events from the user's own disk.
 *
 * Each may hold one event or millions, as JSON, NDJSON or documents one after another; `.gz` is unpacked. Whatever cannot be
 * read is one `error` in its place, and the rest goes on.
 */
import { createReadStream, type Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type JsonDocument, jsonDocuments } from './json-documents.ts'

/** `source` is the file's path as given or found, or `-`; `line` is where the payload begins. */
export type Input = {
  readonly source: string
  readonly line?: number
  readonly payload?: unknown
  readonly error?: InputError
}

/** A file, or a piece of one, that cannot be read. Says where and why, and nothing of what is in it. */
class InputError extends Error {
  override readonly name = 'InputError'
  readonly retryable = false
  readonly source: string

  constructor(source: string, problem: string) {
    super(problem)
    this.source = source
  }
}

/** In a folder, what is plainly something else (a README, an image) is passed over. Firehose's objects have no extension. */
const extensions = new Set(['', '.json', '.jsonl', '.ndjson', '.gz', '.log', '.txt'])

/** @param paths files, folders (with everything below them), or `-` for standard input, which is also meant by none at all */
export async function* readPayloads(paths: readonly string[]): AsyncGenerator<Input> {
  for (const path of paths.length === 0 ? ['-'] : paths) {
    for await (const file of filesAt(path)) yield* 'error' in file ? [file] : readFile(file.source)
  }
}

async function* filesAt(path: string): AsyncGenerator<{ source: string } | { source: string; error: InputError }> {
  if (path === '-') return yield { source: path }
  try {
    if (!(await stat(path)).isDirectory()) return yield { source: path }
    let found = false
    for await (const file of filesBelow(path)) {
      found = true
      yield { source: file }
    }
    if (!found) yield failure(path, 'is a folder without a JSON file in it')
  } catch (error) {
    yield failure(path, whyUnreadable(error))
  }
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort(byName)) {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (extensions.has(extensionOf(entry.name))) yield path
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1
}

/** Firehose's `stream-1-2024-05-01-10-00-00-1f0c.parquet` has one, `stream-1-2024-05-01-10-00-00-1f0c` has none. */
function extensionOf(name: string): string {
  return extname(name).toLowerCase()
}

async function* readFile(source: string): AsyncGenerator<Input> {
  const splitter = jsonDocuments()
  let empty = true
  try {
    for await (const text of textOf(source)) {
      for (const document of splitter.push(text)) {
        empty = false
        yield inputOf(source, document)
      }
    }
  } catch (error) {
    return yield failure(source, whyUnreadable(error))
  }
  for (const document of splitter.end()) {
    empty = false
    yield inputOf(source, document)
  }
  if (empty) yield failure(source, 'has nothing in it')
}

class BinaryError extends Error {
  override readonly name = 'BinaryError'
}

async function* textOf(source: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of bytesOf(source)) {
    const text = decode(() => decoder.decode(chunk, { stream: true }))
    if (text.includes('\0')) throw new BinaryError()
    yield text
  }
  yield decode(() => decoder.decode())
}

function bytesOf(source: string): AsyncIterable<Buffer> {
  if (source === '-') return process.stdin
  const file = createReadStream(source)
  if (!source.toLowerCase().endsWith('.gz')) return file
  // What goes wrong with either stream ends the reading of the second; the callback has nothing to add.
  return pipeline(file, createGunzip(), () => {})
}

function decode(step: () => string): string {
  try {
    return step()
  } catch (cause) {
    throw new BinaryError('', { cause })
  }
}

function inputOf(source: string, document: JsonDocument): Input {
  const { line } = document
  if ('payload' in document) return { source, line, payload: document.payload }
  return { source, line, error: new InputError(source, `the document at line ${line} ${document.problem}`) }
}

function failure(source: string, problem: string): { source: string; error: InputError } {
  return { source, error: new InputError(source, problem) }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by you',
  EPERM: 'may not be read by you',
  EISDIR: 'is a folder',
  ENOTDIR: 'does not exist',
  Z_DATA_ERROR: 'is no gzip file, or a damaged one',
  Z_BUF_ERROR: 'is a gzip file that ends too early',
}

function whyUnreadable(error: unknown): string {
  if (error instanceof BinaryError) return 'is binary, not JSON in UTF-8; the name of a gzip file must end in .gz'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = reasons[code]
  if (reason !== undefined) return reason
  if (code !== '') return `cannot be read (${code})`
  throw error
}
