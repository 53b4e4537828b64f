/**
 * Text of a JSON export → its objects, as they are read: one object a line, an array of objects, or the array in the answer of an API. Only the
 * object that is being read is kept. A malformed object does not affect the others, as long as the next one can be found.
 */

/** The text of one object and the line where it begins; or what is wrong. */
export type JsonObjectText =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly problem: string }

/** No provider writes more about one address. */
const maxCharacters = 1024 * 1024

const [quote, backslash, newline, colon] = [34, 92, 10, 58]
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125]

type Current = { readonly depth: number; readonly line: number; readonly parts: string[]; start: number; size: number }

export function createJsonObjects() {
  let line = 1
  let open: number[] = []
  let isInString = false
  let isEscaped = false
  /** The last character that is neither space nor inside a string. */
  let last = 0
  let current: Current | undefined
  let hasFailed = false

  /** An object on the first level, in a list on the first level, or in a list of an object on the first level. */
  const isRecord = () =>
    open.length === 0 ||
    (open.length === 1 && open[0] === openList) ||
    (open.length === 2 && open[0] === openObject && open[1] === openList)

  /** Gives up the object that is being read, and continues as if it had ended. */
  function abandon(): JsonObjectText {
    const problem = { line: current?.line ?? line, problem: 'it is not valid JSON' }
    open = open.slice(0, current?.depth ?? 0)
    isInString = false
    current = undefined
    return problem
  }

  const begin = (start: number): void => {
    // What looked like a record until now was the answer of an API around the list of records.
    current = { depth: open.length, line, parts: [], start, size: 0 }
  }

  function* push(text: string): Generator<JsonObjectText> {
    if (current) current.start = 0
    for (let i = 0; i < text.length && !hasFailed; i++) {
      const code = text.charCodeAt(i)
      if (code === newline) {
        // No text of JSON has a line break.
        if (isInString) yield abandon()
        line++
      } else if (isInString) {
        if (isEscaped) isEscaped = false
        else if (code === backslash) isEscaped = true
        else if (code === quote) isInString = false
      } else if (code === quote) {
        isInString = true
        last = code
      } else if (code > 32) {
        yield* onMark(code, i, text)
        last = code
      }
    }
    if (!current || hasFailed) return
    current.parts.push(text.slice(current.start))
    current.size += text.length - current.start
    if (current.size > maxCharacters) yield fail('the JSON has an object of more than a megabyte')
  }

  function* onMark(code: number, i: number, text: string): Generator<JsonObjectText> {
    if (code === openObject) {
      // In an object, another one stands behind a colon only: the end of the object before is missing.
      if (current && open.at(-1) === openObject && last !== colon) yield abandon()
      if (isRecord()) begin(i)
      open.push(code)
    } else if (code === openList) open.push(code)
    else if (code === closeObject || code === closeList) {
      if (open.pop() !== (code === closeObject ? openObject : openList))
        return yield current ? abandon() : fail('the JSON has a bracket that closes nothing')
      if (!current || open.length !== current.depth) return
      yield { line: current.line, text: current.parts.join('') + text.slice(current.start, i + 1) }
      current = undefined
    }
  }

  function fail(why: string): JsonObjectText {
    hasFailed = true
    return { line: current?.line ?? line, problem: `${why}. What follows is not read` }
  }

  function* end(): Generator<JsonObjectText> {
    if (!hasFailed && open.length > 0)
      yield { line: current?.line ?? line, problem: 'the JSON ends before its brackets are closed' }
  }

  return { push, end }
}
