/**
 * Reads the schemas of the SDK clients. The embedded AWS parses requests and writes responses with them, the reverse of a client. So no
 * route, name or error code is written by hand.
 *
 * Each client exports its schemas as arrays: operations `[9, namespace, name, traits, input, output]`, structures `[3, …]`, errors
 * `[-3, …]`, unions `[4, …]`, lists `[1, …]`, maps `[2, …]`, aliases `[0, …]`. Simple types are numbers (64 | x: list of x, 128 | x: map
 * of x), a member is `[shape, traits]`, a reference is a function.
 */
export type Traits = Readonly<Record<string, unknown>>

export type Shape = { traits: Traits } & (
  | { kind: 'string' | 'number' | 'boolean' | 'blob' | 'document' | 'unit' }
  | { kind: 'timestamp'; format?: 'date-time' | 'http-date' | 'epoch-seconds' }
  | { kind: 'list'; member: () => Shape }
  | { kind: 'map'; key: () => Shape; value: () => Shape }
  | { kind: 'structure'; name: string; members: readonly Member[] }
)

export type Member = { name: string; required: boolean; shape: () => Shape }

export type OperationShape = {
  name: string
  input: Shape
  output: Shape
  http?: { method: string; path: string; status: number }
}

export type ErrorShape = {
  name: string
  namespace: string
  status: number
  queryCode?: string
  members: readonly Member[]
}

const structures = new Map<unknown, Shape>()

/** The shape of a schema reference. Traits of members and aliases are merged; those of the member take precedence. */
function shapeOf(reference: unknown, traits: Traits = {}): Shape {
  const schema: unknown = typeof reference === 'function' ? reference() : reference
  if (schema === 'unit') return { kind: 'unit', traits }
  if (typeof schema === 'number') return simple(schema, traits)
  if (!Array.isArray(schema)) throw new Error(`Unknown schema type: ${String(schema)}`)
  if (schema.length === 2) return shapeOf(schema[0], { ...traitsOf(schema[1]), ...traits })
  const all = { ...traitsOf(schema[3]), ...traits }
  switch (schema[0]) {
    case 0:
      return shapeOf(schema[4], all)
    case 1:
      return { kind: 'list', member: once(() => shapeOf(schema[4])), traits: all }
    case 2:
      return { kind: 'map', key: once(() => shapeOf(schema[4])), value: once(() => shapeOf(schema[5])), traits: all }
    default: {
      let known = structures.get(schema)
      if (!known) {
        known = { kind: 'structure', name: String(schema[2]), members: membersOf(schema), traits: traitsOf(schema[3]) }
        structures.set(schema, known)
      }
      return Object.keys(traits).length === 0 ? known : { ...known, traits: all }
    }
  }
}

/** Every operation and error that a client module exports. */
export function readClient(client: Readonly<Record<string, unknown>>): {
  operations: OperationShape[]
  errors: ErrorShape[]
} {
  const operations: OperationShape[] = []
  const errors: ErrorShape[] = []
  for (const schema of Object.values(client)) {
    if (!Array.isArray(schema)) continue
    const traits = traitsOf(schema[3])
    if (schema[0] === 9) {
      const http = Array.isArray(traits.http) ? traits.http : undefined
      operations.push({
        name: String(schema[2]),
        input: shapeOf(schema[4]),
        output: shapeOf(schema[5]),
        ...(http && { http: { method: String(http[0]), path: String(http[1]), status: Number(http[2]) } }),
      })
    } else if (schema[0] === -3) {
      const query = Array.isArray(traits.awsQueryError) ? traits.awsQueryError : []
      errors.push({
        name: String(schema[2]),
        namespace: String(schema[1]),
        status: Number(query[1] ?? traits.httpError ?? (traits.error === 'server' ? 500 : 400)),
        ...(query[0] !== undefined && { queryCode: String(query[0]) }),
        members: membersOf(schema),
      })
    }
  }
  return { operations, errors }
}

function membersOf(schema: readonly unknown[]): Member[] {
  const names: unknown = schema[4]
  const shapes: unknown = schema[5]
  if (!Array.isArray(names) || !Array.isArray(shapes)) return []
  const required = typeof schema[6] === 'number' ? schema[6] : 0
  return names.map((name, at) => ({
    name: String(name),
    required: at < required,
    shape: once(() => shapeOf(shapes[at])),
  }))
}

function simple(code: number, traits: Traits): Shape {
  if (code >= 128) return { kind: 'map', key: once(() => shapeOf(0)), value: once(() => shapeOf(code & 63)), traits }
  if (code >= 64) return { kind: 'list', member: once(() => shapeOf(code & 63)), traits }
  switch (code) {
    case 0:
      return { kind: 'string', traits }
    case 1:
    case 17:
    case 19:
      return { kind: 'number', traits }
    case 2:
      return { kind: 'boolean', traits }
    case 4:
      return { kind: 'timestamp', traits }
    case 5:
      return { kind: 'timestamp', format: 'date-time', traits }
    case 6:
      return { kind: 'timestamp', format: 'http-date', traits }
    case 7:
      return { kind: 'timestamp', format: 'epoch-seconds', traits }
    case 15:
      return { kind: 'document', traits }
    case 21:
    case 42:
      return { kind: 'blob', traits }
    default:
      throw new Error(`Unknown simple schema: ${code}`)
  }
}

/** Traits by bit of a numeric trait set. */
const traitBits = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
]

function traitsOf(traits: unknown): Traits {
  if (typeof traits === 'number')
    return Object.fromEntries(traitBits.flatMap((name, at) => ((traits >> at) & 1 ? [[name, 1]] : [])))
  return typeof traits === 'object' && traits !== null ? { ...traits } : {}
}

function once(create: () => Shape): () => Shape {
  let shape: Shape | undefined
  return () => {
    shape ??= create()
    return shape
  }
}
