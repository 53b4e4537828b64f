/**
 * Writes plain values as YAML with comments. It covers the part of YAML that a template needs, so that no YAML library is shipped.
 *
 * Block style throughout. A text that a YAML 1.1 parser would read as another type (`on`, `off`, `2012-10-17`) is quoted.
 */

/** A text, a number, or a list or map of these. */
export type Yaml = string | number | readonly Yaml[] | { readonly [key: string]: Yaml }

/** @param commentOf returns the comment to write above a map or list, if it has one */
export function yamlTextOf(value: Yaml, commentOf: (node: object) => string | undefined = () => undefined): string {
  return `${linesOf(value, commentOf).join('\n')}\n`
}

type CommentOf = (node: object) => string | undefined

function linesOf(value: Yaml, commentOf: CommentOf): string[] {
  if (typeof value !== 'object') return [scalar(value)]
  if (isList(value)) return value.length === 0 ? ['[]'] : value.flatMap((item) => itemLines(item, commentOf))
  const entries = Object.entries(value)
  return entries.length === 0 ? ['{}'] : entries.flatMap(([key, item]) => entryLines(key, item, commentOf))
}

const isList = (value: object): value is readonly Yaml[] => Array.isArray(value)

function itemLines(item: Yaml, commentOf: CommentOf): string[] {
  const [first = '', ...rest] = linesOf(item, commentOf)
  return [...commentLines(item, commentOf), `- ${first}`, ...indented(rest)]
}

function entryLines(key: string, item: Yaml, commentOf: CommentOf): string[] {
  const lines = linesOf(item, commentOf)
  const isBlock = typeof item === 'object' && Object.keys(item).length > 0
  const text = isBlock ? [`${scalar(key)}:`, ...indented(lines)] : [`${scalar(key)}: ${lines[0]}`]
  return [...commentLines(item, commentOf), ...text]
}

function commentLines(item: Yaml, commentOf: CommentOf): string[] {
  const comment = typeof item === 'object' ? commentOf(item) : undefined
  return comment === undefined ? [] : comment.split('\n').map((line) => `# ${line}`.trimEnd())
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`)

const plain = /^[A-Za-z/]([\w ./:${}*+=,@()-]*[\w./:${}*+=,@()-])?$/
const otherThanText = /^(on|off|yes|no|y|n|true|false|null)$/i

function scalar(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const isPlain = plain.test(value) && !otherThanText.test(value) && !/: |:$/.test(value)
  return isPlain ? value : `'${value.replaceAll("'", "''")}'`
}
