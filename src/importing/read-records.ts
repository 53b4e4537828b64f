/**
 * Text of an exported file → its records by the names of their columns: CSV with a header or without, JSON, NDJSON, or one address a line.
 * The first line that is no comment decides which.
 *
 * Names are compared without case, spaces and punctuation: `Email Address` is `emailaddress`. A record that cannot be read does not affect the others.
 */
import * as v from 'valibot'
import { csvRows, linesOf } from './csv-records.ts'
import type { ImportRecord } from './import-record.ts'
import { createJsonObjects } from './json-objects.ts'
import { isAddressLine, plainRecords, withoutApostrophe } from './plain-lines.ts'

export type RecordSource = {
  readonly records: AsyncIterable<ImportRecord>
  /** The names of the columns; absent if the file names none. */
  readonly names?: ReadonlySet<string>
  /** The cells of the first row of a file without names. */
  readonly firstRow: readonly string[]
}

const columnNameOf = (written: string): string => written.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')

/** Begins to read. @returns `undefined` for an empty file */
export async function readRecords(text: AsyncIterable<string>): Promise<RecordSource | undefined> {
  const { head, all } = await withHead(text)
  const begin = head.replace(/^(?:\s|(?:#|\/\/)[^@\r\n]*(?:[\r\n]|$))+/, '')
  if (begin === '') return undefined
  const first = /^[^\r\n]*/.exec(begin)?.[0] ?? ''
  if (isAddressLine(first)) return plainSource(all, first)
  if (/^\[\s*"/.test(begin)) return { records: textsOfJson(all), firstRow: ['@'] }
  if (begin.startsWith('{') || begin.startsWith('[')) return jsonSource(all)
  const stated = statedDelimiter.exec(first)?.[1]
  const rest = stated === undefined ? begin : begin.slice(first.length).trimStart()
  const isTable = (/^[^\r\n]*/.exec(rest)?.[0] ?? '').split(stated ?? /[,;\t]/).length > 1
  return isTable ? csvSource(all, head) : plainSource(all, first)
}

/** The line in which Excel states the delimiter. */
const statedDelimiter = /^sep=([,;\t|])[ \t]*$/i

/** Enough for the first rows of any export. */
const headCharacters = 64 * 1024

async function withHead(text: AsyncIterable<string>): Promise<{ head: string; all: AsyncIterable<string> }> {
  const iterator = text[Symbol.asyncIterator]()
  let head = ''
  while (head.length < headCharacters) {
    const next = await iterator.next()
    if (next.done) break
    head += next.value
  }
  async function* all(): AsyncGenerator<string> {
    yield head
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  return { head, all: all() }
}

/** A list with an address a line, with or without a heading. The name of a column is no address and no mistake. */
function plainSource(text: AsyncIterable<string>, first: string): RecordSource {
  async function* records(): AsyncGenerator<ImportRecord> {
    let isHeading = true
    for await (const record of plainRecords(linesOf(text))) {
      const name = columnNameOf(record.raw)
      if (isHeading && (isAddressColumn(name) || statedDelimiter.test(record.raw))) continue
      isHeading = false
      yield record
    }
  }
  return { records: records(), firstRow: [first] }
}

/** The texts of a JSON array of texts. Each is a record with the cell `0`. */
async function* textsOfJson(text: AsyncIterable<string>): AsyncGenerator<ImportRecord> {
  for await (const { line, text: raw } of linesOf(text))
    for (const [written] of raw.matchAll(/"(?:[^"\\]|\\.)*"/g)) {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.string()), written)
      yield parsed.success
        ? { line, raw: written, cells: new Map([['0', parsed.output]]) }
        : { line, raw: written, problem: 'it is not valid JSON' }
    }
}

async function jsonSource(text: AsyncIterable<string>): Promise<RecordSource> {
  const records = jsonRecords(text)
  const first: ImportRecord[] = []
  for (let next = await records.next(); !next.done; next = await records.next()) {
    first.push(next.value)
    if ('cells' in next.value || first.length >= maxUnreadable) break
  }
  async function* all(): AsyncGenerator<ImportRecord> {
    yield* first
    yield* records
  }
  const names = new Set(first.flatMap((record) => ('cells' in record ? [...record.cells.keys()] : [])))
  return { records: all(), names, firstRow: [] }
}

/** Objects that cannot be read before one that can, from which the names are. */
const maxUnreadable = 1_000

async function* jsonRecords(text: AsyncIterable<string>): AsyncGenerator<ImportRecord> {
  const objects = createJsonObjects()
  for await (const part of text) for (const object of objects.push(part)) yield* recordsOfObject(object)
  for (const object of objects.end()) yield* recordsOfObject(object)
}

const JsonObject = v.record(v.string(), v.unknown())

function* recordsOfObject(
  object: { line: number } & ({ text: string } | { problem: string }),
): Generator<ImportRecord> {
  if ('problem' in object) return yield { line: object.line, raw: '', problem: object.problem }
  const { line, text: raw } = object
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), JsonObject), raw)
  if (!parsed.success) return yield { line, raw, problem: 'it is not valid JSON' }
  // The answer of an API whose list is empty.
  if (Object.values(parsed.output).some((value) => Array.isArray(value) && value.length === 0) && line === 1) {
    const names = new Set(Object.keys(parsed.output).map(columnNameOf))
    if (!['email', 'emailaddress', 'address', 'recipient', 'to'].some((name) => names.has(name))) return
  }
  yield { line, raw, cells: cellsOfObject(parsed.output) }
}

/** `{ reason: { code: "hardBounce" } }` → `reasoncode`. */
function cellsOfObject(object: Readonly<Record<string, unknown>>, prefix = ''): Map<string, string> {
  const cells = new Map<string, string>()
  for (const [key, value] of Object.entries(object)) {
    const name = prefix + columnNameOf(key)
    if (Array.isArray(value)) cells.set(name, value.map(String).join(','))
    else if (v.is(JsonObject, value)) for (const [inner, cell] of cellsOfObject(value, name)) cells.set(inner, cell)
    else cells.set(name, value === null || value === undefined ? '' : String(value))
  }
  return cells
}

function csvSource(text: AsyncIterable<string>, given: string): RecordSource {
  // Excel writes the delimiter in a line of its own.
  const stated = /^\s*sep=([,;\t|])[ \t]*(?=[\r\n])/i.exec(given)
  const head = stated ? given.slice(stated[0].length) : given
  const delimiter = stated?.[1] ?? delimiterOf(head)
  const firstRow = (/^\s*([^\r\n]*)/.exec(head)?.[1] ?? '')
    .split(delimiter)
    .map((cell) => cell.replaceAll('"', '').trim())
  // A header names columns and has no address.
  const hasNames =
    !firstRow.some((cell) => cell.includes('@')) && firstRow.some((cell) => isAddressColumn(columnNameOf(cell)))
  return {
    records: csvRecords(stated ? withoutFirst(text, stated[0].length) : text, delimiter, hasNames),
    firstRow,
    ...(hasNames && { names: new Set(firstRow.map(columnNameOf)) }),
  }
}

/** The text without its first characters. Their line ends stay, so that lines keep their numbers. */
async function* withoutFirst(text: AsyncIterable<string>, characters: number): AsyncGenerator<string> {
  let left = characters
  for await (const part of text) {
    yield part.slice(left)
    left = Math.max(0, left - part.length)
  }
}

export const addressColumns = [
  'email',
  'emailaddress',
  'address',
  'recipient',
  'to',
  'mail',
  'emails',
  'emailaddresses',
  'addresses',
  'recipients',
  'recipientemail',
  'emailadresse',
  'adresseemail',
  'correo',
  'addressordomain',
  'value',
]
const isAddressColumn = (name: string) => addressColumns.includes(name)

/** The delimiter that the first line has most often; spreadsheets of some languages write semicolons. */
function delimiterOf(head: string): string {
  const line = (/^\s*([^\r\n]*)/.exec(head)?.[1] ?? '').replaceAll(/"[^"]*"/g, '')
  const counted = [',', ';', '\t'].map((delimiter) => [line.split(delimiter).length, delimiter] as const)
  return counted.toSorted(([a], [b]) => b - a)[0]?.[1] ?? ','
}

async function* csvRecords(
  text: AsyncIterable<string>,
  delimiter: string,
  hasNames: boolean,
): AsyncGenerator<ImportRecord> {
  let names: readonly string[] | undefined
  for await (const row of csvRows(text, delimiter)) {
    if ('problem' in row) yield row
    else if (hasNames && names === undefined) names = row.cells.map(columnNameOf)
    else yield { line: row.line, raw: row.raw, cells: cellsOf(row.cells, names) }
  }
}

/** Of columns with the same name, the first with a value counts. */
function cellsOf(record: readonly string[], names: readonly string[] | undefined): Map<string, string> {
  const cells = new Map<string, string>()
  for (const [i, cell] of record.entries()) {
    const name = names === undefined ? String(i) : names[i]
    if (name !== undefined && !cells.get(name)) cells.set(name, withoutApostrophe(cell))
  }
  return cells
}
