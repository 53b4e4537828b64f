/**
 * Reads payloads from files, folders and standard input, one by one, for the commands that take events from the user's disk.
 *
 * A file holds one event or millions, as JSON, NDJSON or documents without separators. What begins as gzip does is decompressed, because a pipe
 * has no name that could say so. A file or document
 * that cannot be read yields an `error`, and reading continues with the next one.
 */
import { createReadStream, type Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { createJsonSplitter, type JsonDocument } from './json-documents.ts'

/** `source` is the path of the file, or `-` for standard input. `line` is the line at which the payload begins. */
export type Input = {
  readonly source: string
  readonly line?: number
  readonly payload?: unknown
  readonly error?: InputError
}

/** A file or document cannot be read. The message names the problem and quotes nothing of the content. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly retryable = false
  readonly source: string

  constructor(source: string, problem: string) {
    super(problem)
    this.source = source
  }
}

/** Files of a folder with another extension (a README, an image) are skipped. Objects that Firehose writes have none. */
const extensions = new Set(['', '.json', '.jsonl', '.ndjson', '.gz', '.log', '.txt'])

/**
 * Yields the payloads of all paths, in order.
 * @param paths files, folders (with their subfolders), or `-` for standard input, which is also the default
 */
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
    if (!found) yield failure(path, 'is a folder without JSON files')
  } catch (error) {
    yield failure(path, problemOf(error))
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

function extensionOf(name: string): string {
  return extname(name).toLowerCase()
}

async function* readFile(source: string): AsyncGenerator<Input> {
  const splitter = createJsonSplitter()
  let empty = true
  try {
    for await (const text of textOf(source)) {
      for (const document of splitter.push(text)) {
        empty = false
        yield inputOf(source, document)
      }
    }
  } catch (error) {
    return yield failure(source, problemOf(error))
  }
  for (const document of splitter.end()) {
    empty = false
    yield inputOf(source, document)
  }
  if (empty) yield failure(source, 'is empty')
}

class BinaryError extends Error {
  override readonly name = 'BinaryError'
}

async function* textOf(source: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let isFirst = true
  for await (const chunk of bytesOf(source)) {
    if (isFirst && isTar(chunk)) throw new TarError()
    isFirst = false
    const text = decode(() => decoder.decode(chunk, { stream: true }))
    if (text.includes('\0')) throw new BinaryError()
    yield text
  }
  yield decode(() => decoder.decode())
}

/** The bytes of a source, decompressed if they begin as gzip does or the name says so. */
async function* bytesOf(source: string): AsyncGenerator<Buffer> {
  const raw: AsyncIterator<Buffer> = (source === '-' ? process.stdin : createReadStream(source))[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.length < gzipMagic.length) {
    const next = await raw.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  const all = Readable.from(withHead(head, raw))
  const isGzip = head.subarray(0, gzipMagic.length).equals(gzipMagic) || source.toLowerCase().endsWith('.gz')
  // An error of either stream ends the iteration over the second one, so the callback is empty.
  yield* isGzip ? pipeline(all, createGunzip(), () => {}) : all
}

const gzipMagic = Buffer.from([0x1f, 0x8b])

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html: a header has this word at this offset */
const isTar = (chunk: Buffer): boolean => chunk.subarray(257, 262).toString('latin1') === 'ustar'

class TarError extends Error {
  override readonly name = 'TarError'
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

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: permission denied',
  EISDIR: 'is a folder',
  ENOTDIR: 'does not exist',
  Z_DATA_ERROR: 'is not a gzip file, or is damaged',
  Z_BUF_ERROR: 'is a truncated gzip file',
}

/** What is wrong with a file, by the error of the system. @throws the error, if it is not one of reading */
export function problemOf(error: unknown): string {
  if (error instanceof TarError) return 'is a tar archive: unpack it and name the folder'
  if (error instanceof BinaryError) return 'is binary, not JSON in UTF-8'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const problem = problems[code]
  if (problem !== undefined) return problem
  if (code !== '') return `cannot be read (${code})`
  throw error
}
