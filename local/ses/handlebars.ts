/**
 * The part of Handlebars that SES documents for stored templates: nested attributes, `#each`, `#if`, `#unless`, `#with`, inline partials,
 * comments and control of white space. Like SES, it escapes nothing.
 * https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html
 */
import { type Node, parseTemplate } from './handlebars-syntax.ts'

/** The data has no value for an attribute of the template. SES then sends nothing. */
export class MissingAttributeError extends Error {
  override readonly name = 'MissingAttributeError'
  readonly attribute: string

  constructor(attribute: string) {
    super(`Attribute '${attribute}' is not present in the rendering data.`)
    this.attribute = attribute
  }
}

type Scope = { readonly value: unknown; readonly data: Readonly<Record<string, unknown>>; readonly parent?: Scope }
type Partials = ReadonlyMap<string, readonly Node[]>

/** Partials may name each other, and a circle would never end. */
const maxDepth = 50

/** @throws TemplateSyntaxError | MissingAttributeError */
export function renderTemplate(text: string, data: unknown): string {
  return renderAll(parseTemplate(text), { value: data, data: { root: data } }, new Map(), 0)
}

function renderAll(nodes: readonly Node[], scope: Scope, outer: Partials, depth: number): string {
  if (depth > maxDepth) throw new MissingAttributeError('a partial that ends')
  const own = nodes.flatMap((node): [string, readonly Node[]][] =>
    node.kind === 'inline' ? [[node.name, node.body]] : [],
  )
  const partials = new Map([...outer, ...own])
  return nodes.map((node) => rendered(node, scope, partials, depth + 1)).join('')
}

function rendered(node: Node, scope: Scope, partials: Partials, depth: number): string {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'inline':
      return ''
    case 'value': {
      const value = lookUp(node.path, scope)
      if (value === undefined || value === null) throw new MissingAttributeError(node.path)
      return Array.isArray(value) ? value.map(textOf).join(',') : textOf(value)
    }
    case 'partial': {
      const body = partials.get(node.name)
      if (!body) throw new MissingAttributeError(node.name)
      const inside = node.path === undefined ? scope : { ...scope, value: lookUp(node.path, scope), parent: scope }
      return renderAll(body, inside, partials, depth)
    }
    case 'block':
      return renderedBlock(node, scope, partials, depth)
  }
}

function renderedBlock(
  { helper, path, body, otherwise }: Extract<Node, { kind: 'block' }>,
  scope: Scope,
  partials: Partials,
  depth: number,
): string {
  const value = lookUp(path, scope)
  const render = (nodes: readonly Node[], inside = scope) => renderAll(nodes, inside, partials, depth)
  switch (helper) {
    case 'if':
      return render(isEmpty(value) ? otherwise : body)
    case 'unless':
      return render(isEmpty(value) ? body : otherwise)
    case 'with':
      return isEmpty(value) ? render(otherwise) : render(body, { ...scope, value, parent: scope })
    case 'each': {
      const entries = Object.entries(Object(value ?? {}))
      if (entries.length === 0) return render(otherwise)
      return entries
        .map(([key, item], index) => {
          const place = { index, key, first: index === 0, last: index === entries.length - 1 }
          return render(body, { value: item, data: { ...scope.data, ...place }, parent: scope })
        })
        .join('')
    }
  }
}

/** `a.b`, `this.a`, `../a`, `@index`. Only own members: a template must not reach what JSON does not contain. */
function lookUp(path: string, scope: Scope): unknown {
  if (path.startsWith('../')) return scope.parent ? lookUp(path.slice(3), scope.parent) : undefined
  if (path === '..') return scope.parent?.value
  const isData = path.startsWith('@')
  const parts = (isData ? path.slice(1) : path).split(/[./]/).filter((part) => part !== '' && part !== 'this')
  return parts.reduce<unknown>((value, part) => memberOf(value, part), isData ? scope.data : scope.value)
}

function memberOf(value: unknown, name: string): unknown {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (name === 'length' && Array.isArray(value)) return value.length
  return entries.find(([key]) => key === name)?.[1]
}

const isEmpty = (value: unknown) => (Array.isArray(value) ? value.length === 0 : !value)

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? '[object Object]' : `${value}`
