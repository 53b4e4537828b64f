/**
 * JSON documents come out of a stream of text whole, however they are laid out and wherever the stream is cut.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonDocument, jsonDocuments } from '../../src/cli/json-documents.ts'

function split(text: string, step = text.length || 1): JsonDocument[] {
  const splitter = jsonDocuments()
  const found: JsonDocument[] = []
  for (let i = 0; i < text.length; i += step) found.push(...splitter.push(text.slice(i, i + step)))
  return [...found, ...splitter.end()]
}

const payloads = (text: string) => split(text).map((found) => ('payload' in found ? found.payload : found.problem))

const cut = 'is not valid JSON, or ends too early'

describe('documents are found', () => {
  it.each<[string, string, unknown[]]>([
    ['one', '{"a":1}', [{ a: 1 }]],
    ['one a line', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['one a line as Windows has it', '\ufeff{"a":1}\r\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }]],
    ['without anything between them', '{"a":1}{"a":2}[3]', [{ a: 1 }, { a: 2 }, [3]]],
    ['pretty-printed', '{\n  "a": [\n    {\n    }\n  ]\n}\n{\n  "a": 2\n}\n', [{ a: [{}] }, { a: 2 }]],
    ['pretty-printed without indentation', '[\n{\n"a":\n{\n}\n},\n{\n}\n]', [[{ a: {} }, {}]]],
    ['with brackets and quotes in texts', '{"a":"}\\"{["}{"b":"\\\\"}', [{ a: '}"{[' }, { b: '\\' }]],
    ['as texts', '"{\\"a\\":1}"\n"b"', ['{"a":1}', 'b']],
    [
      'as what SES says of a topic',
      'Successfully validated SNS topic for x.\n',
      ['Successfully validated SNS topic for x.'],
    ],
    ['none', ' \n\t\r\n', []],
  ])('%s', (_, text, expected) => {
    expect(payloads(text)).toEqual(expected)
  })

  it('with the lines where they begin', () => {
    expect(split('\n{"a":\n1}\n\n{"a":2} {"a":3}\nx').map(({ line }) => line)).toEqual([2, 5, 5, 6])
  })
})

describe('a broken document costs itself and no other', () => {
  const good = '{"good":true}'

  it.each([
    ['in a text', '{"a":"b'],
    ['after a value', '{"a":1'],
    ['after a comma in an object', '{"a":1,'],
    ['after a colon', '{"a":'],
    ['after a comma in a list', '{"a":[{},'],
    ['after a bracket', '{"a":['],
    ['at the first bracket', '{'],
    ['and says nothing that is JSON', '{a}'],
    ['and is no JSON at all', 'ERROR: disk full'],
    ['and has a bracket too many', '{}}'],
  ])('when it is cut %s', (_, broken) => {
    const found = payloads(`${good}\n${broken}\n${good}\n${good}\n`)
    expect(found.filter((payload) => typeof payload === 'object')).toHaveLength(broken === '{}}' ? 4 : 3)
    expect(found.filter((payload) => typeof payload === 'string')).toHaveLength(1)
  })

  it('when it is pretty-printed and has a line break in a text', () => {
    expect(payloads(`{\n  "a": "b\n  c",\n  "d": 1\n}\n${good}`)).toEqual([cut, { good: true }])
  })

  it('and what is wrong is said without a word of the text', () => {
    expect(payloads('{"secret": jane@example.com}\njane@example.com')).toEqual([cut, 'is not JSON'])
  })
})

describe('wherever the stream is cut', () => {
  it('the same documents are found at the same lines', () => {
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
      { seed: 1, numRuns: 1_000 },
    )
  })

  it('objects that stand one a line all come back', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }))), (objects) => {
        const lines = objects.map((object) => JSON.stringify(object))
        expect(payloads(lines.join('\n'))).toEqual(lines.map((line) => JSON.parse(line)))
        expect(payloads(lines.join(''))).toEqual(lines.map((line) => JSON.parse(line)))
      }),
      { seed: 2, numRuns: 500 },
    )
  })
})
