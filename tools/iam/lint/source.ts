/**
 * One file to lint: its value, and for each path in it the line and the comments.
 *
 * A packaged template is JSON, which is also YAML, so one reader serves both.
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml'
import type { Location } from './finding.ts'

export type Path = readonly (string | number)[]

export type Source = {
  readonly file: string
  readonly text: string
  /** Undefined if the file cannot be read; `problems` has the reason. */
  readonly value: unknown
  readonly problems: readonly { readonly at: Location; readonly message: string }[]
  /** The location of the path's key or list item, or of its nearest existing ancestor. */
  location(path: Path): Location
  /** The comment lines directly above the key or list item. */
  commentAbove(path: Path): string
  /** Every comment beside and inside the value. */
  commentWithin(path: Path): string
}

type Step = { readonly node: Node | undefined; readonly start: number | undefined; readonly above: string }

export function readSource(file: string, text: string): Source {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const at = (offset: number): Location => ({ file, line: Math.max(lines.linePos(offset).line, 1) })
  const steps = (path: Path): Step[] => walk(document.contents, path)
  const problems = [...document.errors, ...document.warnings].map((one) => ({
    at: at(one.pos[0]),
    message: one.message.split('\n')[0] ?? '',
  }))
  return {
    file,
    text,
    value: document.errors.length === 0 ? document.toJS({ maxAliasCount: -1 }) : undefined,
    problems,
    location: (path) => at(steps(path).findLast(({ start }) => start !== undefined)?.start ?? 0),
    commentAbove: (path) => steps(path)[path.length - 1]?.above ?? '',
    commentWithin: (path) => commentsIn(steps(path)[path.length - 1]?.node),
  }
}

/** One step per part of the path, up to the first part that does not exist. */
function walk(root: Node | null, path: Path): Step[] {
  const taken: Step[] = []
  let node: unknown = root
  for (const part of path) {
    const step = into(node, part)
    if (step === undefined) break
    taken.push(step)
    node = step.node
  }
  return taken
}

function into(node: unknown, part: string | number): Step | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }: Pair) => isScalar(key) && String(key.value) === String(part))
    if (pair === undefined || !isScalar(pair.key)) return undefined
    // The parser attributes a comment above the first key to the map.
    const above = [pair === node.items[0] ? node.commentBefore : undefined, pair.key.commentBefore]
    return { node: asNode(pair.value), start: pair.key.range?.[0], above: joined(above) }
  }
  if (isSeq(node) && typeof part === 'number') {
    const item = asNode(node.items[part])
    if (item === undefined) return undefined
    const above = [part === 0 ? node.commentBefore : undefined, item.commentBefore]
    return { node: item, start: item.range?.[0], above: joined(above) }
  }
  return undefined
}

const asNode = (value: unknown): Node | undefined =>
  isMap(value) || isSeq(value) || isScalar(value) ? value : undefined
const joined = (comments: readonly (string | null | undefined)[]) =>
  comments
    .filter((comment) => comment)
    .join('\n')
    .trim()

function commentsIn(node: Node | undefined): string {
  if (node === undefined) return ''
  const found: (string | null | undefined)[] = []
  visit(node, { Node: (_, one) => void found.push(one.commentBefore, one.comment) })
  return joined(found)
}
