/**
 * `sesame parse` reads what it is given, goes on after what is bad, and says by its exit code whether anything was.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
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
  it('prints what there is to know of a bounce', async () => {
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

  it('prints what there is to know of a complaint', async () => {
    expect(await rowsOf(put('complaint.json', complaint))).toMatchObject([
      {
        type: 'Complaint',
        recipients: ['anna@example.com'],
        feedbackType: 'abuse',
        at: new Date('2026-03-02T09:37:00Z'),
      },
    ])
  })

  it('names everybody the mail went to where the event names nobody', async () => {
    const open = { eventType: 'Open', open: {}, mail: bounceEvent.mail }
    expect(await rowsOf(put('open.json', JSON.stringify(open)))).toMatchObject([
      { type: 'Open', recipients: ['anna@example.com', 'berta@example.com'], at: new Date('2026-03-02T08:35:30Z') },
    ])
  })

  it('says why something is no event', async () => {
    const file = put('validated.txt', 'Successfully validated SNS topic for Amazon SES event publishing.\n')
    expect(await rowsOf(file)).toEqual([{ file, line: 1, type: 'NonEvent', reason: 'topic validated' }])
  })

  it('goes on after what is bad, and says which line it was', async () => {
    const file = put('archive.ndjson', `${bounce}\n${bounce.slice(0, 99)}\n{"eventType":"Bounce"}\n${complaint}\n`)
    expect(await rowsOf(file)).toMatchObject([
      { line: 1, type: 'Bounce' },
      { line: 2, error: 'the document at line 2 is not valid JSON, or ends too early' },
      { line: 3, error: expect.stringContaining('mail is missing') },
      { line: 4, type: 'Complaint' },
    ])
  })

  it('reads an archive of Firehose, zipped, with nothing between the events', async () => {
    const file = put('archive.gz', gzipSync(bounce + complaint + JSON.stringify(bounceEvent, null, 2)))
    expect((await rowsOf(file)).map((row) => 'type' in row && row.type)).toEqual(['Bounce', 'Complaint', 'Bounce'])
  })

  it('reads a folder with everything below it, in order, and passes over what is no payload', async () => {
    put('tree/2026/03/b-1-2026-03-02-10-00-00-1f0c', bounce)
    put('tree/2026/02/a.json', complaint)
    put('tree/README.md', 'Read me')
    put('tree/.hidden.json', 'x')
    expect(await rowsOf(join(folder, 'tree'))).toMatchObject([
      { file: join(folder, 'tree/2026/02/a.json'), type: 'Complaint' },
      { file: join(folder, 'tree/2026/03/b-1-2026-03-02-10-00-00-1f0c'), type: 'Bounce' },
    ])
  })

  it('says of each input that cannot be read what is the matter, and reads the others', async () => {
    mkdirSync(join(folder, 'hollow'), { recursive: true })
    const paths = [
      join(folder, 'missing.json'),
      put('empty.json', ' \n'),
      put('picture.json', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2])),
      put('latin.json', new Uint8Array([0x7b, 0x22, 0xe4, 0x22, 0x7d])),
      put('utf16.json', Buffer.from('{"a":1}', 'utf16le')),
      put('not.gz', 'plain text'),
      put('cut.gz', gzipSync(bounce).subarray(0, 200)),
      put('no-records.json', '{"Records":[]}'),
      join(folder, 'hollow'),
      put('good.json', bounce),
    ]
    const rows = await rowsOf(...paths)
    expect(rows.map((row) => row.file)).toEqual(paths)
    const binary = 'is binary, not JSON in UTF-8; the name of a gzip file must end in .gz'
    expect(rows.map((row) => ('error' in row ? row.error : row.type))).toEqual([
      'does not exist',
      'has nothing in it',
      binary,
      binary,
      binary,
      'is no gzip file, or a damaged one',
      'is a gzip file that ends too early',
      'has no records in it',
      'is a folder without a JSON file in it',
      'Bounce',
    ])
  })

  it('streams: of a large archive, the first rows come before the last is read', async () => {
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
  const entry = `
    import { Command } from 'commander'
    import { registerParse } from './src/cli/parse.ts'
    const program = new Command('sesame')
    registerParse(program)
    await program.parseAsync()
  `
  const root = new URL('../..', import.meta.url)
  const run = (input: string, ...args: string[]) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', entry, '--', 'parse', ...args], {
      cwd: root,
      input,
      encoding: 'utf8',
    })

  it('reads standard input, prints one object a line and exits with 0 if all was well', () => {
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

  it('exits with 1 if anything was malformed, having read the rest', () => {
    const file = put('mixed.ndjson', `{}\n${bounce}\n`)
    const { status, stdout } = run('', file)
    expect(status).toBe(1)
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
  })

  it('is content when its reader has read enough', () => {
    const file = put('long.ndjson', `${readFileSync(put('one.json', bounce), 'utf8')}\n`.repeat(3_000))
    const command = `"${process.execPath}" --input-type=module -e "$ENTRY" -- parse "${file}" | head -n 1`
    const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ENTRY: entry },
    })
    expect({ status, stderr, rows: stdout.trimEnd().split('\n').length }).toEqual({ status: 0, stderr: '', rows: 1 })
  })
})
