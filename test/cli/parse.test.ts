/**
 * `sesame parse` reads files, folders and standard input, continues after malformed input, and reports it by its exit code.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { parseAll, type Row } from '../../src/cli/parse.ts'
import { bounceEvent, complaintEvent, snsRecord } from '../intake/payloads.ts'

const folder = mkdtempSync(join(tmpdir(), 'sesame-parse-'))
afterAll(() => rmSync(folder, { recursive: true }))

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

async function rowsOf(...paths: string[]): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of parseAll(paths)) rows.push(row)
  return rows
}
const bounce = JSON.stringify(bounceEvent)
const complaint = JSON.stringify(complaintEvent)

describe('sesame parse', () => {
  test('sesame parse prints the fields of a bounce', async () => {
    const file = put('bounce.json', JSON.stringify({ Records: [snsRecord(bounceEvent)] }))
    expect(await rowsOf(file)).toEqual([
      {
        file,
        line: 1,
        type: 'Bounce',
        dialect: 'event publishing',
        recipients: ['anna@example.com'],
        messageId: bounceEvent.mail.messageId,
        at: new Date('2026-03-02T08:37:00Z'),
        account: '111122223333',
        configurationSet: 'sesame-acme',
        bounceType: 'Permanent',
        bounceSubType: 'General',
        feedbackId: bounceEvent.bounce.feedbackId,
      },
    ])
  })

  test('sesame parse prints the fields of a complaint', async () => {
    expect(await rowsOf(put('complaint.json', complaint))).toMatchObject([
      {
        type: 'Complaint',
        recipients: ['anna@example.com'],
        feedbackType: 'abuse',
        at: new Date('2026-03-02T09:37:00Z'),
      },
    ])
  })

  test('sesame parse prints all recipients of the mail if the event names none', async () => {
    const open = { eventType: 'Open', open: {}, mail: bounceEvent.mail }
    expect(await rowsOf(put('open.json', JSON.stringify(open)))).toMatchObject([
      { type: 'Open', recipients: ['anna@example.com', 'berta@example.com'], at: new Date('2026-03-02T08:35:30Z') },
    ])
  })

  test('sesame parse prints the reason why a payload is not an event', async () => {
    const file = put('validated.txt', 'Successfully validated SNS topic for Amazon SES event publishing.\n')
    expect(await rowsOf(file)).toEqual([{ file, line: 1, type: 'NonEvent', reason: 'topic validated' }])
  })

  test('sesame parse continues after a malformed document and prints its line', async () => {
    const file = put('archive.ndjson', `${bounce}\n${bounce.slice(0, 99)}\n{"eventType":"Bounce"}\n${complaint}\n`)
    expect(await rowsOf(file)).toMatchObject([
      { line: 1, type: 'Bounce' },
      { line: 2, error: 'the document at line 2 is not valid JSON or is truncated' },
      { line: 3, error: expect.stringContaining('mail is missing') },
      { line: 4, type: 'Complaint' },
    ])
  })

  test('sesame parse reads a compressed Firehose archive without separators between events', async () => {
    const file = put('archive.gz', gzipSync(bounce + complaint + JSON.stringify(bounceEvent, null, 2)))
    expect((await rowsOf(file)).map((row) => 'type' in row && row.type)).toEqual(['Bounce', 'Complaint', 'Bounce'])
  })

  test('sesame parse reads a folder and its subfolders in order and skips other files', async () => {
    put('tree/2026/03/b-1-2026-03-02-10-00-00-1f0c', bounce)
    put('tree/2026/02/a.json', complaint)
    put('tree/README.md', 'Read me')
    put('tree/.hidden.json', 'x')
    expect(await rowsOf(join(folder, 'tree'))).toMatchObject([
      { file: join(folder, 'tree/2026/02/a.json'), type: 'Complaint' },
      { file: join(folder, 'tree/2026/03/b-1-2026-03-02-10-00-00-1f0c'), type: 'Bounce' },
    ])
  })

  test('sesame parse prints the problem of each input that cannot be read, and reads the others', async () => {
    mkdirSync(join(folder, 'hollow'), { recursive: true })
    const paths = [
      join(folder, 'missing.json'),
      put('empty.json', ' \n'),
      put('picture.json', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2])),
      put('latin.json', new Uint8Array([0x7b, 0x22, 0xe4, 0x22, 0x7d])),
      put('utf16.json', Buffer.from('{"a":1}', 'utf16le')),
      put('not.gz', 'plain text'),
      put('cut.gz', gzipSync(bounce).subarray(0, 200)),
      put('archive.json', gzipSync(bounce).subarray(0, 200)),
      put('no-records.json', '{"Records":[]}'),
      join(folder, 'hollow'),
      put('good.json', bounce),
    ]
    const rows = await rowsOf(...paths)
    expect(rows.map((row) => row.file)).toEqual(paths)
    const binary = 'is binary, not JSON in UTF-8'
    expect(rows.map((row) => ('error' in row ? row.error : row.type))).toEqual([
      'does not exist',
      'is empty',
      binary,
      binary,
      binary,
      'is not a gzip file, or is damaged',
      'is a truncated gzip file',
      'is a truncated gzip file',
      'contains no records',
      'is a folder without JSON files',
      'Bounce',
    ])
  })

  test('sesame parse streams: it yields the first rows of a large archive before it has read the last', async () => {
    const file = put('large.ndjson', `${bounce}\n`.repeat(5_000))
    let rows = 0
    for await (const _ of parseAll([file])) {
      rows += 1
      if (rows === 10) writeFileSync(file, `${bounce}\n`.repeat(10))
    }
    expect(rows).toBeGreaterThanOrEqual(10)
    expect(rows).toBeLessThan(5_000)
  })
})

describe('the sesame parse command', () => {
  const root = new URL('../..', import.meta.url)
  const run = (input: string | Uint8Array, ...args: string[]) =>
    spawnSync(process.execPath, ['src/cli/sesame.ts', 'parse', ...args], {
      cwd: root,
      input,
      encoding: 'utf8',
    })

  test('the sesame parse command reads standard input, prints one object per line and exits with 0', () => {
    const { status, stdout, stderr } = run(`${bounce}\n${complaint}\n`)
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows).toMatchObject([
      { file: '-', line: 1, type: 'Bounce', at: '2026-03-02T08:37:00.000Z' },
      { file: '-', line: 2, type: 'Complaint' },
    ])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('the sesame parse command reads gzip from standard input, which has no name that says so', () => {
    const { status, stdout } = run(gzipSync(`${bounce}\n${complaint}\n`), '-')
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual(['Bounce', 'Complaint'])
    expect(status).toBe(0)
  })

  test('the sesame parse command says that a tar archive must be unpacked first', () => {
    const { stdout } = spawnSync('bash', ['-c', `tar cz events | "${process.execPath}" src/cli/sesame.ts parse -`], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(JSON.parse(stdout)).toEqual({ file: '-', error: 'is a tar archive: unpack it and name the folder' })
  })

  test('the sesame parse command exits with 1 if a document is malformed, and still prints the others', () => {
    const file = put('mixed.ndjson', `{}\n${bounce}\n`)
    const { status, stdout } = run('', file)
    expect(status).toBe(1)
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
  })

  test('the sesame parse command exits without an error when its output is closed early', () => {
    const file = put('long.ndjson', `${readFileSync(put('one.json', bounce), 'utf8')}\n`.repeat(3_000))
    const command = `"${process.execPath}" src/cli/sesame.ts parse "${file}" | head -n 1`
    const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
      cwd: root,
      encoding: 'utf8',
    })
    expect({ status, stderr, rows: stdout.trimEnd().split('\n').length }).toEqual({ status: 0, stderr: '', rows: 1 })
  })
})
