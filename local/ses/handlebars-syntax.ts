/** Parses the part of Handlebars that handlebars.ts renders. */

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly path: string }
  | { readonly kind: 'partial'; readonly name: string; readonly path?: string }
  | { readonly kind: 'inline'; readonly name: string; readonly body: readonly Node[] }
  | {
      readonly kind: 'block'
      readonly helper: Helper
      readonly path: string
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }

const helpers = ['if', 'unless', 'each', 'with'] as const
type Helper = (typeof helpers)[number]

/** A template that cannot be parsed. */
export class TemplateSyntaxError extends Error {
  override readonly name = 'TemplateSyntaxError'
}

type Token = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'tag'; readonly tag: string }

/** @throws TemplateSyntaxError */
export function parseTemplate(text: string): Node[] {
  const tokens = tokensOf(text)
  let at = 0

  /** Nodes up to the tag that ends them, which is returned too. */
  function nodes(isEnd: (tag: string) => boolean, opened?: string): { found: Node[]; end: string } {
    const found: Node[] = []
    for (let token = tokens[at++]; token; token = tokens[at++]) {
      if (token.kind === 'text') found.push({ kind: 'text', text: token.text })
      else if (isEnd(token.tag)) return { found, end: token.tag }
      else found.push(...nodeOf(token.tag))
    }
    if (opened !== undefined) throw new TemplateSyntaxError(`{{${opened}}} is not closed`)
    return { found, end: '' }
  }

  function nodeOf(tag: string): Node[] {
    if (tag.startsWith('!')) return []
    const [, inline] = /^#\*\s*inline\s+"([^"]+)"$/.exec(tag) ?? []
    if (inline !== undefined) {
      const body = nodes((end) => end === '/inline', tag).found
      return [{ kind: 'inline', name: inline, body }]
    }
    if (tag.startsWith('#')) return [blockOf(tag.slice(1).trim())]
    const [, partial, context] = /^>\s*([\w-]+)(?:\s+(\S+))?$/.exec(tag) ?? []
    if (partial !== undefined)
      return [{ kind: 'partial', name: partial, ...(context !== undefined && { path: context }) }]
    if (!isPath(tag)) throw new TemplateSyntaxError(`{{${tag}}} is not supported`)
    return [{ kind: 'value', path: tag }]
  }

  /** A block, or the `else if` of one, which ends with the same tag. */
  function blockOf(opening: string, closes?: string): Node {
    const [name, path = '', ...more] = opening.split(/\s+/)
    const helper = helpers.find((one) => one === name)
    if (!helper || more.length > 0 || !isPath(path)) throw new TemplateSyntaxError(`{{#${opening}}} is not supported`)
    const closing = closes ?? `/${helper}`
    const isEnd = (tag: string) => tag === closing || /^(else|\^)(\s|$)/.test(tag)
    const { found: body, end } = nodes(isEnd, `#${opening}`)
    const block = { kind: 'block', helper, path, body } as const
    if (end === closing) return { ...block, otherwise: [] }
    const chained = end.replace(/^(else|\^)\s*/, '')
    if (chained !== '') return { ...block, otherwise: [blockOf(chained, closing)] }
    return { ...block, otherwise: nodes((tag) => tag === closing, `#${opening}`).found }
  }

  const { found, end } = nodes((tag) => tag.startsWith('/') || /^else(\s|$)/.test(tag))
  if (end !== '') throw new TemplateSyntaxError(`{{${end}}} closes nothing`)
  return found
}

const isPath = (text: string) => /^(\.\.\/)*(\.\.|@?[\w$-]+([./][\w$-]+)*)$/.test(text)

const anyTag = /\{\{(~?)(?:\{\s*([^{}]+?)\s*\}|\s*(!--[\s\S]*?--|![^}]*|[^{}]*?)\s*)(~?)\}\}/g

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let rest = 0
  let trimsNext = false
  for (const match of text.matchAll(anyTag)) {
    const [whole, trimsBefore, unescaped, plain = ''] = match
    const tag = unescaped ?? plain
    let before = text.slice(rest, match.index)
    if (before.includes('{{')) throw new TemplateSyntaxError('a {{ is not closed')
    if (trimsNext) before = before.trimStart()
    if (trimsBefore) before = before.trimEnd()
    rest = match.index + whole.length
    const after = text.slice(rest)
    // A tag that writes nothing and stands alone on its line takes the line with it.
    const standsAlone = /^([#/!>^]|else\b)/.test(tag) && /(^|\n)[ \t]*$/.test(text.slice(0, match.index))
    const line = standsAlone ? /^[ \t]*(\r?\n|$)/.exec(after) : null
    if (line) {
      before = before.replace(/[ \t]+$/, '')
      rest += line[0].length
    }
    if (before !== '') tokens.push({ kind: 'text', text: before })
    tokens.push({ kind: 'tag', tag })
    trimsNext = match[4] === '~'
  }
  const last = trimsNext ? text.slice(rest).trimStart() : text.slice(rest)
  if (last.includes('{{')) throw new TemplateSyntaxError('a {{ is not closed')
  return last === '' ? tokens : [...tokens, { kind: 'text', text: last }]
}
