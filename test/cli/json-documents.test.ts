/**
 * The splitter finds whole JSON documents in a stream of text, in every layout and wherever the stream is split into chunks.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createJsonSplitter, type JsonDocument } from '../../src/cli/json-documents.ts'
import { runsOf } from '../runs.ts'

function split(text: string, step = text.length || 1): JsonDocument[] {
  const splitter = createJsonSplitter()
  const found: JsonDocument[] = []
  for (let i = 0; i < text.length; i += step) found.push(...splitter.push(text.slice(i, i + step)))
  return [...found, ...splitter.end()]
}

const payloads = (text: string) => split(text).map((found) => ('payload' in found ? found.payload : found.problem))

const truncated = 'is not valid JSON or is truncated'

describe('the splitter finds', () => {
  test.each<[string, string, unknown[]]>([
    ['one document', '{"a":1}', [{ a: 1 }]],
    ['one document per line', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    [
      'one document per line with a byte order mark and Windows line ends',
      '\ufeff{"a":1}\r\n{"a":2}\r\n',
      [{ a: 1 }, { a: 2 }],
    ],
    ['documents without separators', '{"a":1}{"a":2}[3]', [{ a: 1 }, { a: 2 }, [3]]],
    ['pretty-printed documents', '{\n  "a": [\n    {\n    }\n  ]\n}\n{\n  "a": 2\n}\n', [{ a: [{}] }, { a: 2 }]],
    ['pretty-printed documents without indentation', '[\n{\n"a":\n{\n}\n},\n{\n}\n]', [[{ a: {} }, {}]]],
    ['documents with brackets and quotes in strings', '{"a":"}\\"{["}{"b":"\\\\"}', [{ a: '}"{[' }, { b: '\\' }]],
    ['documents that are JSON strings', '"{\\"a\\":1}"\n"b"', ['{"a":1}', 'b']],
    [
      'the text that SES publishes to validate a topic',
      'Successfully validated SNS topic for x.\n',
      ['Successfully validated SNS topic for x.'],
    ],
    ['no document in blank text', ' \n\t\r\n', []],
  ])('the splitter finds %s', (_, text, expected) => {
    expect(payloads(text)).toEqual(expected)
  })

  test('the splitter reports the line at which each document begins', () => {
    expect(split('\n{"a":\n1}\n\n{"a":2} {"a":3}\nx').map(({ line }) => line)).toEqual([2, 5, 5, 6])
  })
})

describe('a deeply nested document', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const tooDeep = 'is nested more than 1000 levels deep'

  test('a document is read up to a depth of 1,000 levels, and reported beyond', () => {
    expect(payloads(nested(1_000))).toEqual([JSON.parse(nested(1_000))])
    expect(payloads(`${nested(1_001)}\n{"good":true}`)).toEqual([tooDeep, { good: true }])
  })

  test('millions of opening brackets are reported while they are read, once or once per thousand lines, and take no memory', () => {
    const splitter = createJsonSplitter()
    const brackets = '['.repeat(1_000_000)
    expect(splitter.push(brackets).map((found) => 'problem' in found && found.problem)).toEqual([tooDeep])
    for (let i = 0; i < 20; i++) expect(splitter.push(brackets)).toEqual([])
    expect(splitter.end()).toEqual([])

    const lines = createJsonSplitter()
    expect(lines.push('[\n'.repeat(1_000_000)).length).toBeLessThan(1_001)
    expect(lines.end().length).toBeLessThan(1_001)
  })
})

describe('a malformed document', () => {
  const good = '{"good":true}'

  test.each([
    ['that is truncated in a string', '{"a":"b'],
    ['that is truncated after a value', '{"a":1'],
    ['that is truncated after a comma in an object', '{"a":1,'],
    ['that is truncated after a colon', '{"a":'],
    ['that is truncated after a comma in a list', '{"a":[{},'],
    ['that is truncated after a bracket', '{"a":['],
    ['that is truncated after the first bracket', '{'],
    ['with invalid JSON in brackets', '{a}'],
    ['that is a line of plain text', 'ERROR: disk full'],
    ['with a surplus bracket', '{}}'],
  ])('a malformed document %s does not affect the documents around it', (_, broken) => {
    const found = payloads(`${good}\n${broken}\n${good}\n${good}\n`)
    expect(found.filter((payload) => typeof payload === 'object')).toHaveLength(broken === '{}}' ? 4 : 3)
    expect(found.filter((payload) => typeof payload === 'string')).toHaveLength(1)
  })

  test('a pretty-printed document with a line break in a string does not affect the next document', () => {
    expect(payloads(`{\n  "a": "b\n  c",\n  "d": 1\n}\n${good}`)).toEqual([truncated, { good: true }])
  })

  test('the problem of a malformed document quotes nothing of its text', () => {
    expect(payloads('{"secret": jane@example.com}\njane@example.com')).toEqual([truncated, 'is not JSON'])
  })
})

describe('a stream in chunks', () => {
  test('the splitter finds the same documents at the same lines for every chunk size', () => {
    const piece = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
      fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value, null, 1)),
      fc.constantFrom('{"a":"', '{', '}', '"', '\\', '[', ',', ' ', 'x'),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, fc.constantFrom('\n', '', '\r\n'))),
        fc.integer({ min: 1, max: 9 }),
        (p, step) => {
          const text = p.flat().join('')
          expect(split(text, step)).toEqual(split(text))
        },
      ),
      { seed: 1, numRuns: runsOf(1_000) },
    )
  })

  test('the splitter returns every object of a file with one object per line or without separators', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }))), (objects) => {
        const lines = objects.map((object) => JSON.stringify(object))
        expect(payloads(lines.join('\n'))).toEqual(lines.map((line) => JSON.parse(line)))
        expect(payloads(lines.join(''))).toEqual(lines.map((line) => JSON.parse(line)))
      }),
      { seed: 2, numRuns: runsOf(500) },
    )
  })
})
