/**
 * What is fuzzed: each target reads text from outside, and must end with a result or with one of its own errors. `cost` is the share of inputs that
 * a target gets less than the others, because one takes longer.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { WireHandler } from '../../local/wire/handler.ts'
import { BatchRequest, MessageRequest } from '../../src/api/messages/schemas.ts'
import { parseInput } from '../../src/api/parse-input.ts'
import { CheckRequest, ImportRequest, RulingRequest } from '../../src/api/suppressions/schemas.ts'
import { signedHeadersOf } from '../../src/client/sign.ts'
import { readImport } from '../../src/importing/read-import.ts'
import { normaliseAddress } from '../../src/intake/address.ts'
import { readArrivingEvent } from '../../src/intake/read-event.ts'
import { recordsOf } from '../../src/intake/records-of.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import { evidenceOf } from '../../src/suppression/evidence.ts'

export type Target = {
  readonly name: string
  readonly cost: number
  readonly corpus: readonly string[]
  /** The errors that the target may throw, by name. */
  readonly errors: readonly string[]
  readonly run: (text: string) => unknown
}

const root = new URL('../../', import.meta.url)
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(fileURLToPath(new URL(folder, root)))
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(fileURLToPath(new URL(`${folder}/${name}`, root)), 'utf8'))

const now = new Date('2026-06-01T00:00:00.000Z')

/** A text that is no JSON is the body of a message as it came. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const addresses: readonly string[] = [
  'ada@example.org',
  'Ada Lovelace <ada@example.org>',
  '"a b"@example.org',
  'ADA+tag@EXAMPLE.org',
  'grüße@bücher.example',
  '=?utf-8?q?a?= <a@example.org>',
]

const bodies: readonly string[] = [
  '{"from":"a@b.example","to":["c@d.example"],"subject":"Hi","text":"Hello","headers":[{"name":"X-A","value":"b"}]}',
  '{"messages":[{"from":"a@b.example","to":["c@d.example"],"subject":"{{name}}","html":"<p>","data":{"name":"x"}}]}',
  '{"addresses":["a@b.example","c@d.example"],"why":"asked for it"}',
  '{"source":"other","entries":[{"address":"a@b.example","cause":"complaint","at":"2026-01-01T00:00:00Z"}]}',
]

const imports: readonly string[] = [
  'email,reason,created\nada@example.org,bounce,2026-01-01 10:00:00\n"b, c"@example.org,spam,2026-01-02\n',
  'address;state;reason;cause;since;until;source;detail\nada@example.org;suppressed;hard bounce;;2026-01-01T00:00:00Z;;;\n',
  '[{"email":"ada@example.org","created":1767225600,"reason":"550","status":"5.1.1"}]',
  '{"EmailAddress":"ada@example.org","Reason":"BOUNCE","LastUpdateTime":"2026-01-01T00:00:00Z"}\n',
  'ada@example.org\nbob@example.org\n',
  '\ufeffEmail Address\tDate\nada@example.org\t01/02/2026\n',
]

const policies: readonly string[] = [
  '{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["ses:Send*"],"Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}',
  '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":"*"},"NotAction":"sts:*","NotResource":["arn:aws:s3:::a/${aws:username}"]}}',
]

/** @param handle the embedded AWS; it must answer every request and have no defect */
export function targetsFor(handle: WireHandler, defects: readonly unknown[]): readonly Target[] {
  return [
    {
      name: 'intake',
      cost: 1,
      corpus: filesIn('events', '.json'),
      errors: ['MalformedEventError'],
      run: (text) => {
        for (const record of recordsOf(parsed(text))) evidenceOf(readArrivingEvent(record, now))
      },
    },
    {
      name: 'addresses',
      cost: 0.2,
      corpus: addresses,
      errors: ['AddressError'],
      run: (text) => {
        const address = normaliseAddress(text)
        if (normaliseAddress(address) !== address) throw new Error('An address that is normalised twice differs')
      },
    },
    {
      name: 'API bodies',
      cost: 1,
      corpus: bodies,
      errors: ['Problem'],
      run: (text) => {
        const body = parsed(text)
        for (const schema of [MessageRequest, BatchRequest, CheckRequest, RulingRequest, ImportRequest])
          attempt(() => parseInput(schema, body), ['Problem'])
      },
    },
    {
      name: 'imports',
      cost: 4,
      corpus: imports,
      errors: ['ImportFormatError'],
      run: (text) => importAll([Buffer.from(text)]),
    },
    {
      name: 'archives',
      cost: 8,
      corpus: imports,
      errors: [
        'ImportFormatError',
        'Error:Z_DATA_ERROR',
        'Error:Z_BUF_ERROR',
        'Error:ERR_TRAILING_JUNK_AFTER_STREAM_END',
      ],
      run: (text) => importAll([damaged(gzipSync(text), text.length)]),
    },
    {
      name: 'policies',
      cost: 1,
      corpus: policies,
      errors: ['PolicyError'],
      run: (text) => {
        for (const kind of ['identity', 'resource', 'trust'] as const)
          attempt(() => parsePolicy(parsed(text), kind), ['PolicyError'])
      },
    },
    {
      name: 'SigV4',
      cost: 6,
      corpus: [authorisation(), 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=a;b, Signature=0'],
      errors: [],
      run: async (text) => {
        const before = defects.length
        const { status } = await handle({
          method: 'POST',
          path: '/projects/acme/messages',
          query: {},
          headers: { authorization: text, 'x-amz-date': '20260601T000000Z', host: 'sesame.localhost' },
          body: Buffer.from('{}'),
        })
        if (status < 400 || status >= 500) throw new Error(`A request with a damaged signature was answered ${status}`)
        if (defects.length > before) throw defects[before]
      },
    },
  ]
}

async function importAll(chunks: readonly Buffer[]): Promise<void> {
  const options = { fileName: 'file.csv', include: new Set<string>(), offsetMinutes: 0, now }
  const read = await readImport(bytesOf(chunks), options)
  if (read)
    for await (const outcome of read.outcomes) if (outcome.raw === undefined) throw new Error('An outcome has no row')
}

async function* bytesOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}

/** Changes one byte beyond the first two, which say that it is an archive. */
function damaged(archive: Buffer, at: number): Buffer {
  const index = 2 + (at % (archive.length - 2))
  archive[index] = (archive[index] ?? 0) ^ (at & 0xff)
  return archive
}

function authorisation(): string {
  const url = new URL('http://sesame.localhost/projects/acme/messages')
  const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' }
  return signedHeadersOf({ method: 'POST', url, headers: {}, body: '{}' }, 'us-east-1', keys, now).authorization ?? ''
}

/** @throws every error but those with one of the names */
export function attempt(run: () => unknown, names: readonly string[]): void {
  try {
    run()
  } catch (error) {
    if (!isOf(error, names)) throw error
  }
}

/** Whether an error has one of the names, or one of the codes as `Error:CODE`. */
export const isOf = (error: unknown, names: readonly string[]): boolean =>
  error instanceof Error &&
  (names.includes(error.name) || ('code' in error && names.includes(`${error.name}:${String(error.code)}`)))
