/**
 * The restJson1 protocol (SES v2, Lambda): method and path select the operation. The traits of a member place it in path, query, headers or
 * body.
 */
import type { AwsError } from '../service.ts'
import type { ServiceDescription } from './catalogue.ts'
import { jsonBytes, readJsonBody } from './json.ts'
import type { WireRequest, WireResponse } from './request.ts'
import type { Member, OperationShape } from './shape.ts'
import { fromJson, fromText, readStructure, serializationError, toJson, toText } from './value.ts'

type Segment = { literal: string } | { label: string; greedy: boolean }
type Route = { method: string; segments: readonly Segment[]; operation: OperationShape }

export type RouteMatch = { operation: OperationShape; labels: ReadonlyMap<string, string> }

const routesOf = new Map<ServiceDescription, readonly Route[]>()

/** The operation of a request. Routes with fewer labels are tried first. */
export function matchRoute(service: ServiceDescription, request: WireRequest): RouteMatch | undefined {
  let routes = routesOf.get(service)
  if (!routes) {
    routes = [...service.operations.values()].flatMap(routeOf).sort((a, b) => labels(a) - labels(b))
    routesOf.set(service, routes)
  }
  const parts = request.path.replace(/\/$/, '').split('/').slice(1)
  for (const route of routes) {
    const found = route.method === request.method ? match(route, parts) : undefined
    if (found) return { operation: route.operation, labels: found }
  }
  return undefined
}

/** Routes that botocore and other SDKs use, where the JavaScript SDK has a newer one for the same operation. The members are the same. */
const olderRoutes: Readonly<Record<string, { method: string; path: string }>> = {
  ListConfigurationSets: { method: 'GET', path: '/v2/email/configuration-sets' },
  ListEmailIdentities: { method: 'GET', path: '/v2/email/identities' },
}

function routeOf(operation: OperationShape): Route[] {
  if (!operation.http) return []
  const { http } = operation
  const older = http.path.startsWith('/v2/email/') ? olderRoutes[operation.name] : undefined
  return [http, ...(older ? [older] : [])].map(({ method, path }) => oneRoute(operation, method, path))
}

function oneRoute(operation: OperationShape, method: string, fullPath: string): Route {
  const [path] = fullPath.split('?')
  const segments = (path ?? '')
    .replace(/\/$/, '')
    .split('/')
    .slice(1)
    .map((part): Segment => {
      const label = /^\{(.+?)(\+?)\}$/.exec(part)
      return label?.[1] ? { label: label[1], greedy: label[2] === '+' } : { literal: part }
    })
  return { method, segments, operation }
}

function labels(route: Route): number {
  return route.segments.filter((segment) => 'label' in segment).length
}

function match(route: Route, parts: readonly string[]): Map<string, string> | undefined {
  const found = new Map<string, string>()
  for (const [at, segment] of route.segments.entries()) {
    const part = parts[at]
    if (part === undefined) return undefined
    if ('literal' in segment) {
      if (segment.literal !== part) return undefined
    } else if (segment.greedy) {
      found.set(segment.label, decode(parts.slice(at).join('/')))
      return found
    } else {
      found.set(segment.label, decode(part))
    }
  }
  return parts.length === route.segments.length ? found : undefined
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw serializationError('the path is not properly encoded')
  }
}

/** @throws AwsError SerializationException */
export function readRest(found: RouteMatch, request: WireRequest): Readonly<Record<string, unknown>> {
  const { input } = found.operation
  if (input.kind !== 'structure') return {}
  let body: Readonly<Record<string, unknown>> | undefined
  const read = (member: Member): unknown => {
    const shape = member.shape()
    const { traits } = shape
    if (traits.httpLabel) return textual(member, found.labels.get(member.name))
    if (traits.httpQuery) return fromQuery(member, request.query[String(traits.httpQuery)])
    if (traits.httpHeader) return textual(member, request.headers[String(traits.httpHeader).toLowerCase()])
    if (traits.httpPayload) {
      if (request.body.length === 0) return undefined
      return shape.kind === 'blob' ? request.body : fromJson(shape, readJsonBody(request.body))
    }
    // An older route with GET has in the query what the newer one has in the body.
    if (request.method === 'GET' && found.operation.http?.method !== 'GET')
      return fromQuery(member, request.query[member.name])
    body ??= request.body.length === 0 ? {} : readStructure(readJsonBody(request.body))
    const value = Object.hasOwn(body, member.name) ? body[member.name] : undefined
    return value === undefined || value === null ? undefined : fromJson(shape, value)
  }
  return Object.fromEntries(
    input.members.flatMap((member) => {
      const value = read(member)
      return value === undefined ? [] : [[member.name, value]]
    }),
  )
}

function textual(member: Member, text: string | undefined): unknown {
  return text === undefined ? undefined : fromText(member.shape(), text)
}

function fromQuery(member: Member, value: string | readonly string[] | undefined): unknown {
  if (value === undefined) return undefined
  const shape = member.shape()
  if (shape.kind === 'list')
    return (typeof value === 'string' ? [value] : value).map((one) => fromText(shape.member(), one))
  if (typeof value !== 'string') throw serializationError('a query parameter occurs twice')
  return fromText(shape, value)
}

export function writeRest(operation: OperationShape, output: object): WireResponse {
  const given = readStructure(output)
  const answer: WireResponse = { status: operation.http?.status ?? 200, headers: {}, body: new Uint8Array() }
  if (operation.output.kind !== 'structure') return answer
  const inBody: [string, unknown][] = []
  let payload = false
  for (const member of operation.output.members) {
    const shape = member.shape()
    const value = given[member.name]
    payload ||= Boolean(shape.traits.httpPayload)
    if (value === undefined || value === null) continue
    if (shape.traits.httpResponseCode) answer.status = Number(value)
    else if (shape.traits.httpHeader)
      answer.headers[String(shape.traits.httpHeader).toLowerCase()] = toText(shape, value)
    else if (shape.traits.httpPayload) answer.body = payloadBytes(value, toJson(shape, value))
    else inBody.push([member.name, toJson(shape, value)])
  }
  answer.headers['content-type'] = 'application/json'
  if (!payload) answer.body = jsonBytes(Object.fromEntries(inBody))
  return answer
}

function payloadBytes(value: unknown, json: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  return typeof value === 'string' ? new TextEncoder().encode(value) : jsonBytes(json)
}

export function writeRestError(service: ServiceDescription, error: AwsError): WireResponse {
  const shape = service.errors.get(error.code)
  return {
    status: shape?.status ?? error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: jsonBytes({ message: error.message, ...error.fields }),
  }
}
