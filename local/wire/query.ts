/**
 * The query protocol (SNS, STS): a form with Action and dotted parameter names in, XML out.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import type { AwsError } from '../service.ts'
import type { ServiceDescription } from './catalogue.ts'
import { readQuery, type WireRequest, type WireResponse } from './request.ts'
import type { OperationShape, Shape } from './shape.ts'
import { fromText, readStructure, serializationError, toText } from './value.ts'

/** The dotted names as a tree: `Attributes.entry.1.key` has four levels. */
type Node = { text?: string; children: Map<string, Node> }

export type Form = { action: string; root: Node }

export function readForm(request: WireRequest): Form {
  const root: Node = { children: new Map() }
  for (const [name, value] of Object.entries(formOf(request))) {
    if (typeof value !== 'string') throw serializationError('a parameter occurs twice')
    let node = root
    for (const part of name.split('.')) {
      let next = node.children.get(part)
      if (!next) {
        next = { children: new Map() }
        node.children.set(part, next)
      }
      node = next
    }
    node.text = value
  }
  return { root, action: root.children.get('Action')?.text ?? '' }
}

function formOf(request: WireRequest): WireRequest['query'] {
  if (request.body.length === 0) return request.query
  try {
    return readQuery(new TextDecoder('utf-8', { fatal: true }).decode(request.body))
  } catch (cause) {
    if (cause instanceof URIError || cause instanceof TypeError) throw serializationError('the body is not a form')
    throw cause
  }
}

export function readQueryInput(operation: OperationShape, form: Form): Readonly<Record<string, unknown>> {
  return readStructure(fromNode(operation.input, form.root))
}

function fromNode(shape: Shape, node: Node): unknown {
  switch (shape.kind) {
    case 'unit':
      return {}
    case 'list': {
      const member = shape.member()
      const container = shape.traits.xmlFlattened ? node : node.children.get(String(member.traits.xmlName ?? 'member'))
      return numbered(container).map((item) => fromNode(member, item))
    }
    case 'map': {
      const [key, value] = [shape.key(), shape.value()]
      const entries = numbered(shape.traits.xmlFlattened ? node : node.children.get('entry'))
      return Object.fromEntries(
        entries.map((entry) => {
          const [name, content] = [entry.children.get(nameOf(key, 'key')), entry.children.get(nameOf(value, 'value'))]
          if (name?.text === undefined || !content) throw serializationError('a map entry lacks its key or value')
          return [name.text, fromNode(value, content)]
        }),
      )
    }
    case 'structure':
      return Object.fromEntries(
        shape.members.flatMap((member) => {
          const inner = member.shape()
          const child = node.children.get(nameOf(inner, member.name))
          return child ? [[member.name, fromNode(inner, child)]] : []
        }),
      )
    default:
      if (node.text === undefined) throw serializationError('a single value was expected')
      return fromText(shape, node.text)
  }
}

function numbered(node: Node | undefined): Node[] {
  if (!node) return []
  return [...node.children]
    .filter(([name]) => /^[1-9]\d{0,8}$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child)
}

export function writeQuery(
  service: ServiceDescription,
  operation: OperationShape,
  output: object,
  requestId: string,
): WireResponse {
  const result = operation.output.kind === 'unit' ? '' : toXml(operation.output, output, `${operation.name}Result`)
  return xml(
    200,
    `<${operation.name}Response xmlns="${service.namespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation.name}Response>`,
  )
}

export function writeQueryError(service: ServiceDescription, error: AwsError, requestId: string): WireResponse {
  const shape = service.errors.get(error.code)
  const status = shape?.status ?? error.status
  return writeQueryFailure(service.namespace, shape?.queryCode ?? error.code, error.message, status, requestId)
}

export function writeQueryFailure(
  namespace: string,
  code: string,
  message: string,
  status: number,
  requestId: string,
): WireResponse {
  return xml(
    status,
    `<ErrorResponse xmlns="${namespace}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  )
}

function toXml(shape: Shape, value: unknown, name: string): string {
  if (value === undefined || value === null) return ''
  switch (shape.kind) {
    case 'list': {
      const member = shape.member()
      const inner = shape.traits.xmlFlattened ? name : nameOf(member, 'member')
      const items = (Array.isArray(value) ? value : []).map((item) => toXml(member, item, inner)).join('')
      return shape.traits.xmlFlattened ? items : element(name, items)
    }
    case 'map': {
      const [key, inner] = [shape.key(), shape.value()]
      const entry = shape.traits.xmlFlattened ? name : 'entry'
      const entries = Object.entries(readStructure(value))
        .map(([name, content]) =>
          element(entry, toXml(key, name, nameOf(key, 'key')) + toXml(inner, content, nameOf(inner, 'value'))),
        )
        .join('')
      return shape.traits.xmlFlattened ? entries : element(name, entries)
    }
    case 'structure': {
      const given = readStructure(value)
      const members = shape.members.map((member) => {
        const inner = member.shape()
        return toXml(inner, given[member.name], nameOf(inner, member.name))
      })
      return element(name, members.join(''))
    }
    default:
      return element(name, escapeXml(toText(shape, value)))
  }
}

function nameOf(shape: Shape, otherwise: string): string {
  return String(shape.traits.xmlName ?? otherwise)
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/[&<>"\r]/g, (sign) => `&#x${sign.charCodeAt(0).toString(16).toUpperCase()};`)
      // XML 1.0 cannot represent the other control characters.
      .replace(/[^\t\n\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
  )
}

function xml(status: number, text: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body: new TextEncoder().encode(text) }
}
