/**
 * Cuts a stream of text into JSON documents: one a line, pretty-printed one after another, or without anything between them,
 * as Firehose writes them.
 *
 * A broken document costs itself and no other: the next one begins at the next line that opens with a bracket where JSON
 * allows none. Every character is looked at once, and no more is kept than the document at hand.
 */
import { isTopicValidation } from '../intake/open-envelope.ts'

/** Where it begins, and what it holds or what is wrong with it. */
export type JsonDocument = { readonly line: number } & ({ readonly payload: unknown } | { readonly problem: string })

export type Splitter = {
  /** @returns the documents that end in this piece of text */
  push(text: string): JsonDocument[]
  /** @returns what was still open at the end */
  end(): JsonDocument[]
}

/** In characters. A longer document would not fit into a message, an invocation, or this process. */
const longestDocument = 64 * 1024 * 1024

const newline = 10
const quote = 34
const backslash = 92
const comma = 44
const colon = 58
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125]

/** `between` documents, in a `document`, in a `line` that is not one, or past a broken one looking for the next (`lost`). */
type Place = 'between' | 'document' | 'line' | 'lost'

export function jsonDocuments(): Splitter {
  let place: Place = 'between'
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
    place = isOpening(code) ? 'document' : 'line'
    firstLine = line
    kept = []
    size = 0
    open = place === 'document' ? [code] : []
    inString = false
    escaped = false
    last = code
  }

  /** A bracket at the very beginning of a line, where JSON has no place for one, is the next document. */
  const isNextDocument = (code: number): boolean =>
    previous === newline &&
    isOpening(code) &&
    !(open.at(-1) === openList ? last === openList || last === comma : last === colon)

  /** Takes one character of a document; true when it was the last one. */
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
      if (place === 'lost' && previous === newline && isOpening(code)) place = 'between'
      if (place === 'between' && !isBlank(code)) {
        begin(code)
        from = i
      } else if (place === 'document') {
        if (inString && code === newline) {
          found.push(...settle(finish(i), firstLine))
          place = 'lost'
        } else if (!inString && isNextDocument(code)) {
          found.push(...settle(finish(i), firstLine))
          begin(code)
          from = i
        } else if (take(code)) {
          found.push(...settle(finish(i + 1), firstLine))
          place = 'between'
        }
      } else if (place === 'line' && code === newline) {
        found.push(readLine(finish(i), firstLine))
        place = 'between'
      }
      if (code === newline) line += 1
      previous = code
    }
    if (place === 'document' || place === 'line') {
      kept.push(text.slice(from))
      size += text.length - from
      if (size > longestDocument) {
        found.push({ line: firstLine, problem: 'is too long; put one event on each line' })
        place = 'lost'
      }
    }
    return found
  }

  function end(): JsonDocument[] {
    const rest = kept.join('')
    if (place === 'document') return settle(rest, firstLine)
    return place === 'line' ? [readLine(rest, firstLine)] : []
  }

  return { push, end }
}

function isOpening(code: number): boolean {
  return code === openObject || code === openList
}

/** White space, a byte order mark, or the record separator of JSON text sequences. */
function isBlank(code: number): boolean {
  return code === 32 || code === newline || code === 13 || code === 9 || code === 0xfeff || code === 0x1e
}

/** A document that swallowed the next one, having been cut where JSON allows a bracket, is taken apart again. */
function settle(text: string, line: number): JsonDocument[] {
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

/** The error of `JSON.parse` is dropped: it quotes the text, which is full of addresses. */
function readDocument(text: string, line: number): JsonDocument {
  try {
    return { line, payload: JSON.parse(text) }
  } catch {
    return { line, problem: 'is not valid JSON, or ends too early' }
  }
}

/** A line that opens with no bracket: a JSON text with an event in it, or what SES says when a topic is set up. */
function readLine(text: string, line: number): JsonDocument {
  if (isTopicValidation(text)) return { line, payload: text.trim() }
  const read = readDocument(text, line)
  return 'payload' in read ? read : { line, problem: 'is not JSON' }
}
