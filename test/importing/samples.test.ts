/** Each sample of events/imports is read as expected.json says, in every encoding that providers use. */
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { formatIds } from '../../src/importing/formats.ts'
import { collect, now, refusalOf } from './read.ts'

const folder = new URL('../../events/imports/', import.meta.url)
const Expected = v.record(
  v.string(),
  v.union([
    v.strictObject({ refused: v.string() }),
    v.strictObject({ format: v.string(), rows: v.array(v.record(v.string(), v.unknown())) }),
  ]),
)
const expected = v.parse(Expected, JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')))
const read = Object.entries(expected).flatMap(([file, one]) => ('rows' in one ? [[file, one] as const] : []))
const refused = Object.entries(expected).flatMap(([file, one]) =>
  'refused' in one ? [[file, one.refused] as const] : [],
)
const bytesOf = (file: string) => readFileSync(new URL(file, folder))

test('expected.json names exactly the samples, and there is one for each format', () => {
  const files = readdirSync(folder).filter((file) => !['expected.json', 'README.md'].includes(file))
  expect(Object.keys(expected).sort()).toEqual(files.sort())
  expect(new Set(read.map(([, { format }]) => format))).toEqual(new Set(formatIds))
})

describe.each(read)('%s', (file, { format, rows }) => {
  const encodings: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
    ['as it is', (bytes) => bytes],
    ['with a byte order mark', (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])],
    ['in UTF-16 LE', (bytes) => Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le')],
    ['in UTF-16 BE', (bytes) => Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le').swap16()],
    ['in UTF-16 without a mark', (bytes) => Buffer.from(bytes.toString(), 'utf16le')],
    ['compressed', (bytes) => gzipSync(bytes)],
    ['with line ends of Windows', (bytes) => Buffer.from(bytes.toString().replaceAll('\n', '\r\n'))],
  ]

  test.each(encodings)('the rows are read as expected %s', async (_, encode) => {
    const found = await collect([encode(bytesOf(file))], { fileName: file })
    expect(found.format).toBe(format)
    expect(found.rows.map(plain)).toEqual(rows.map(plain))
  })

  test('the rows are the same however the bytes are cut', async () => {
    const bytes = [...bytesOf(file)].map((byte) => Buffer.from([byte]))
    expect((await collect(bytes, { fileName: file })).rows.map(plain)).toEqual(rows.map(plain))
  })
})

test.each(refused)('%s is refused: %s', async (file, message) => {
  expect(await refusalOf([bytesOf(file)], { fileName: file })).toBe(message)
})

/** Line breaks of a cell are stored as spaces, so that they make no difference. */
const plain = (row: object): unknown => JSON.parse(JSON.stringify(row).replaceAll(/\\r\\n|\\n/g, ' '))

test('the samples are younger than the oldest date that is accepted, and older than now', () => {
  const dates = read.flatMap(([, { rows }]) =>
    rows.flatMap(({ at }) => (at === undefined ? [] : [new Date(String(at))])),
  )
  expect(dates.length).toBeGreaterThan(30)
  for (const date of dates) expect(date.getTime()).toBeLessThan(now.getTime())
})
