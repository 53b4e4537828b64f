/**
 * Splits a stream of text into JSON documents: one per line, pretty-printed, or without separators, as Firehose writes them.
 *
 * A malformed document does not affect the others: the next document begins at the next line that starts with a bracket where JSON
 * allows none. The splitter reads each character once and buffers the current document only.
 */
import { isTopicValidation } from '../intake/open-envelope.ts'

/** The line at which the document begins, and its payload or what is wrong with it. */
export type JsonDocument = { readonly line: number } & ({ readonly payload: unknown } | { readonly problem: string })

export type Splitter = {
  /** @returns the documents that end in this chunk of text */
  push(text: string): JsonDocument[]
  /** @returns the documents that were incomplete at the end of the stream */
  end(): JsonDocument[]
}

/** A longer document fits neither into an SQS message nor into a Lambda invocation, and may not fit into memory. */
const maxDocumentCharacters = 64 * 1024 * 1024

/** Events are nested less than ten levels deep, and envelopes add a few. */
const maxDepth = 1_000

const newline = 10
const quote = 34
const backslash = 92
const comma = 44
const colon = 58
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125]

/**
 * `between` documents; in a `document`; in a `line` that does not start with a bracket; or after a malformed document, searching for the
 * next one (`lost`).
 */
type State = 'between' | 'document' | 'line' | 'lost'

export function createJsonSplitter(): Splitter {
  let state: State = 'between'
  let line = 1
  let firstLine = 1
  let kept: string[] = []
  let size = 0
  let open: number[] = []
  let inString = false
  let escaped = false
  let last = 0
  let previous = newline

  function begin(code: number): void {
    state = isOpening(code) ? 'document' : 'line'
    firstLine = line
    kept = []
    size = 0
    open = state === 'document' ? [code] : []
    inString = false
    escaped = false
    last = code
  }

  /** A bracket at the beginning of a line where JSON allows none starts the next document. */
  const isNextDocument = (code: number): boolean =>
    previous === newline &&
    isOpening(code) &&
    !(open.at(-1) === openList ? last === openList || last === comma : last === colon)

  /** Reads one character of a document. @returns whether it was the last one */
  function take(code: number): boolean {
    if (inString) {
      if (escaped) escaped = false
      else if (code === backslash) escaped = true
      else if (code === quote) inString = false
      return false
    }
    if (code === quote) inString = true
    else if (isOpening(code)) open.push(code)
    else if (code === closeList || code === closeObject) open.pop()
    if (!isBlank(code)) last = code
    return open.length === 0
  }

  function push(text: string): JsonDocument[] {
    const found: JsonDocument[] = []
    let from = 0
    const finish = (to: number): string => [...kept, text.slice(from, to)].join('')

    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i)
      if (state === 'lost' && previous === newline && isOpening(code)) state = 'between'
      if (state === 'between' && !isBlank(code)) {
        begin(code)
        from = i
      } else if (state === 'document') {
        if (inString && code === newline) {
          found.push(...readDocuments(finish(i), firstLine))
          state = 'lost'
        } else if (!inString && isNextDocument(code)) {
          found.push(...readDocuments(finish(i), firstLine))
          begin(code)
          from = i
        } else if (take(code)) {
          found.push(...readDocuments(finish(i + 1), firstLine))
          state = 'between'
        } else if (open.length > maxDepth) {
          found.push({ line: firstLine, problem: `is nested more than ${maxDepth} levels deep` })
          kept = []
          state = 'lost'
        }
      } else if (state === 'line' && code === newline) {
        found.push(readLine(finish(i), firstLine))
        state = 'between'
      }
      if (code === newline) line += 1
      previous = code
    }
    if (state === 'document' || state === 'line') {
      kept.push(text.slice(from))
      size += text.length - from
      if (size > maxDocumentCharacters) {
        found.push({ line: firstLine, problem: 'is too long; put one event on each line' })
        state = 'lost'
      }
    }
    return found
  }

  function end(): JsonDocument[] {
    const rest = kept.join('')
    if (state === 'document') return readDocuments(rest, firstLine)
    return state === 'line' ? [readLine(rest, firstLine)] : []
  }

  return { push, end }
}

function isOpening(code: number): boolean {
  return code === openObject || code === openList
}

/** White space, a byte order mark, or the record separator of JSON text sequences (RFC 7464). */
function isBlank(code: number): boolean {
  return code === 32 || code === newline || code === 13 || code === 9 || code === 0xfeff || code === 0x1e
}

/** Parses a document. If it is malformed because it was truncated and contains the documents after it, parses each of them. */
function readDocuments(text: string, line: number): JsonDocument[] {
  const whole = readDocument(text, line)
  if ('payload' in whole) return [whole]
  const pieces = text.split(/\n(?=[[{])/)
  if (pieces.length === 1) return [whole]
  let at = line
  return pieces.map((piece) => {
    const read = readDocument(piece, at)
    at += piece.split('\n').length
    return read
  })
}

/** The error of `JSON.parse` is dropped, since it quotes the text, which contains addresses. */
function readDocument(text: string, line: number): JsonDocument {
  try {
    return { line, payload: JSON.parse(text) }
  } catch {
    return { line, problem: 'is not valid JSON or is truncated' }
  }
}

/** Reads a line that starts with no bracket: a JSON string that holds an event, or the text that SES publishes to validate a topic. */
function readLine(text: string, line: number): JsonDocument {
  if (isTopicValidation(text)) return { line, payload: text.trim() }
  const read = readDocument(text, line)
  return 'payload' in read ? read : { line, problem: 'is not JSON' }
}
