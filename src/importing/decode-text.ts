/**
 * Bytes of an exported file → text, as they are read: gzip, UTF-8 with or without a byte order mark, UTF-16, and Latin-1 (as Windows-1252, which
 * contains it). Nothing is kept but the last incomplete line.
 */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

const newline = 0x0a
/** A line that is longer is decoded in parts. */
const maxPending = 1024 * 1024

/** @throws the error of zlib if the compressed data is damaged or ends early */
export async function* decodeText(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const bytes = await withHead(source, 2)
  const isGzip = bytes.head[0] === 0x1f && bytes.head[1] === 0x8b
  yield* decodeBytes(isGzip ? gunzipped(bytes.all) : bytes.all)
}

async function* gunzipped(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  const source = Readable.from(bytes)
  source.on('error', (error) => gunzip.destroy(error))
  yield* source.pipe(gunzip)
}

async function* decodeBytes(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const { head, all } = await withHead(source, 4)
  const encoding = utf16Of(head)
  yield* encoding === undefined ? decodeLines(all) : decodeUtf16(all, encoding)
}

/** UTF-16 has a byte order mark, or a zero byte in each of its first characters, which are ASCII in every export. */
function utf16Of(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const [a, b, c, d] = head
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0 && c !== 0 && d === 0)) return 'utf-16le'
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && c === 0 && d !== 0)) return 'utf-16be'
  return undefined
}

async function* decodeUtf16(source: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of source) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

/** Decodes whole lines: in UTF-8 as in Latin-1, no byte of a character is a line feed. */
async function* decodeLines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let pending: Buffer = Buffer.alloc(0)
  let isFirst = true
  const decoded = (bytes: Buffer): string => {
    const text = textOf(bytes)
    const start = isFirst && text.startsWith('\ufeff') ? 1 : 0
    isFirst = false
    return text.slice(start)
  }
  for await (const chunk of source) {
    const all = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    const end = all.lastIndexOf(newline) + 1
    const take = end === 0 && all.length > maxPending ? all.length : end
    pending = all.subarray(take)
    if (take > 0) yield decoded(all.subarray(0, take))
  }
  if (pending.length > 0) yield decoded(pending)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const latin = new TextDecoder('windows-1252')

/** What is not UTF-8 as a whole is decoded line by line: a file may hold lines of both encodings. */
function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    const end = bytes.indexOf(newline) + 1
    if (end === 0 || end === bytes.length) return latin.decode(bytes)
    const lines: string[] = []
    for (let from = 0; from < bytes.length; ) {
      const next = bytes.indexOf(newline, from) + 1 || bytes.length
      lines.push(textOf(bytes.subarray(from, next)))
      from = next
    }
    return lines.join('')
  }
}

/** The first bytes of a source, if it has so many, and all of it. */
async function withHead(source: AsyncIterable<Buffer>, length: number) {
  const iterator = source[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < length) {
    const next = await iterator.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  async function* all(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  return { head, all: all() }
}
