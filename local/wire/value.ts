/** Converts values between the wire and the SDK's commands by shape: JSON, and single texts in headers, paths and forms. */
import { AwsError } from '../service.ts'
import type { Shape } from './shape.ts'

/** DynamoDB allows 32 levels of nested attributes. The wire format needs more levels for the same value. */
const maximumDepth = 80

/**
 * A parsed JSON value as the input of a command. Unknown members are dropped, as AWS does.
 *
 * @throws AwsError SerializationException for a value of the wrong type
 */
export function fromJson(shape: Shape, value: unknown, depth = 0): unknown {
  if (depth > maximumDepth) throw serializationError('nested too deeply')
  switch (shape.kind) {
    case 'unit':
      return {}
    case 'document':
      return value
    case 'string':
      return expected(value, 'string')
    case 'boolean':
      return expected(value, 'boolean')
    case 'number':
      return expected(value, 'number')
    case 'blob':
      return fromBase64(expected(value, 'string'))
    case 'timestamp':
      return readTime(value)
    case 'list':
      if (!Array.isArray(value)) throw serializationError('a list was expected')
      return value.map((one) => fromJson(shape.member(), one, depth + 1))
    case 'map':
      return Object.fromEntries(
        present(readStructure(value)).map(([name, one]) => [name, fromJson(shape.value(), one, depth + 1)]),
      )
    case 'structure': {
      const given = readStructure(value)
      return Object.fromEntries(
        shape.members.flatMap((member) => {
          const one = Object.hasOwn(given, member.name) ? given[member.name] : undefined
          return one === undefined || one === null ? [] : [[member.name, fromJson(member.shape(), one, depth + 1)]]
        }),
      )
    }
  }
}

/** The output of a command as JSON. A string in place of bytes is assumed to be base64. */
export function toJson(shape: Shape, value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  switch (shape.kind) {
    case 'unit':
      return {}
    case 'timestamp':
      return writeTime(value, shape.format ?? 'epoch-seconds')
    case 'blob':
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
    case 'list':
      return Array.isArray(value) ? value.map((one) => toJson(shape.member(), one) ?? null) : value
    case 'map':
      return Object.fromEntries(
        Object.entries(readStructure(value)).map(([name, one]) => [name, toJson(shape.value(), one)]),
      )
    case 'structure': {
      const given = readStructure(value)
      return Object.fromEntries(
        shape.members.flatMap((member) => {
          const one = Object.hasOwn(given, member.name) ? toJson(member.shape(), given[member.name]) : undefined
          return one === undefined ? [] : [[member.name, one]]
        }),
      )
    }
    default:
      return value
  }
}

/** One value from the text in a path, a query, a header or a form. */
export function fromText(shape: Shape, text: string): unknown {
  switch (shape.kind) {
    case 'string':
    case 'document':
      return text
    case 'number': {
      const number = Number(text)
      if (text.trim() === '' || Number.isNaN(number)) throw serializationError('a number was expected')
      return number
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw serializationError('true or false was expected')
      return text === 'true'
    case 'blob':
      return fromBase64(text)
    case 'timestamp':
      return readTime(/^-?[\d.]+$/.test(text) ? Number(text) : text)
    case 'list':
      return text.split(',').map((one) => fromText(shape.member(), one.trim()))
    default:
      throw serializationError('a single value was expected')
  }
}

export function toText(shape: Shape, value: unknown): string {
  if (shape.kind === 'timestamp') return String(writeTime(value, shape.format ?? 'date-time'))
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return String(value)
}

/** The first required member that the input lacks. */
export function missingMember(shape: Shape, input: Readonly<Record<string, unknown>>): string | undefined {
  if (shape.kind !== 'structure') return undefined
  return shape.members.find((member) => member.required && input[member.name] === undefined)?.name
}

export function serializationError(what: string): AwsError {
  return new AwsError('SerializationException', `The request could not be read: ${what}.`, 400)
}

export function readStructure(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw serializationError('a structure was expected')
  return { ...value }
}

function present(value: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(value).filter(([, one]) => one !== undefined && one !== null)
}

function expected<Kind extends 'string' | 'number' | 'boolean'>(value: unknown, kind: Kind): Kinds[Kind]
function expected(value: unknown, kind: string): unknown {
  if (typeof value !== kind) throw serializationError(`a ${kind} was expected`)
  return value
}

type Kinds = { string: string; number: number; boolean: boolean }

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

function readTime(value: unknown): Date {
  const at =
    typeof value === 'number' ? new Date(value * 1000) : typeof value === 'string' ? new Date(value) : undefined
  if (!at || Number.isNaN(at.getTime())) throw serializationError('a timestamp was expected')
  return at
}

function writeTime(value: unknown, format: 'date-time' | 'http-date' | 'epoch-seconds'): unknown {
  if (!(value instanceof Date)) return value
  if (format === 'epoch-seconds') return value.getTime() / 1000
  return format === 'http-date' ? value.toUTCString() : value.toISOString()
}
