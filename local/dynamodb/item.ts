/** Item sizes and capacity units, and a canonical form for comparison. */
import type { AttributeValue, EngineItem } from './engine.ts'

/**
 * Bytes as DynamoDB counts them: names and texts in UTF-8, about one byte per two digits of a number, one more byte per nested value.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSizeOf(item: EngineItem): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0)
}

function sizeOfValue(value: AttributeValue): number {
  const [type, content] = Object.entries(value)[0] ?? []
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(content))
    case 'N':
      return sizeOfNumber(String(content))
    case 'B':
      return Buffer.byteLength(String(content), 'base64')
    case 'SS':
      return sum(content, (member) => Buffer.byteLength(String(member)))
    case 'NS':
      return sum(content, (member) => sizeOfNumber(String(member)))
    case 'BS':
      return sum(content, (member) => Buffer.byteLength(String(member), 'base64'))
    case 'L':
      return 3 + sum(content, (member) => 1 + sizeOfValue(recordOf(member)))
    case 'M':
      return 3 + Object.keys(recordOf(content)).length + itemSizeOf(itemOf(content))
    default:
      return 1
  }
}

function sizeOfNumber(text: string): number {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '')
  return 1 + Math.ceil(digits.length / 2) + (text.startsWith('-') ? 1 : 0)
}

/** One write unit per started kilobyte of the larger of the old and the new item. */
export function writeUnitsOf(before: EngineItem | undefined, after: EngineItem | undefined): number {
  const size = Math.max(before ? itemSizeOf(before) : 0, after ? itemSizeOf(after) : 0)
  return Math.max(1, Math.ceil(size / 1024))
}

/** One read unit per started 4 KB, half of it for an eventually consistent read. */
export function readUnitsOf(item: EngineItem | undefined, consistent: boolean): number {
  const units = Math.max(1, Math.ceil((item ? itemSizeOf(item) : 0) / 4096))
  return consistent ? units : units / 2
}

/** The item with sorted attributes and sets, so that equal items have equal JSON. */
export function canonicalItem(item: EngineItem): EngineItem {
  return itemOf(ordered(item))
}

export function sameItem(a: EngineItem | undefined, b: EngineItem | undefined): boolean {
  return JSON.stringify(a && canonicalItem(a)) === JSON.stringify(b && canonicalItem(b))
}

const sets = new Set(['SS', 'NS', 'BS'])

function ordered(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return sets.has(name) ? [...value].sort() : value.map((member) => ordered(member))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, ordered(member, key)]))
}

function sum(list: unknown, measure: (member: unknown) => number): number {
  return Array.isArray(list) ? list.reduce((total: number, member) => total + measure(member), 0) : 0
}

function recordOf(value: unknown): AttributeValue {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function itemOf(value: unknown): EngineItem {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([name, member]) => [name, recordOf(member)]))
}
