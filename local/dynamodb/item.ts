/** How large an item is for billing, and whether two items are the same. */
import type { AttributeValue, EngineItem } from './engine.ts'

/**
 * Bytes as DynamoDB counts them: names and texts in UTF-8, a number about a byte per two digits, a nested value one byte more.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSizeOf(item: EngineItem): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0)
}

function sizeOfValue(value: AttributeValue): number {
  const [type, held] = Object.entries(value)[0] ?? []
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(held))
    case 'N':
      return sizeOfNumber(String(held))
    case 'B':
      return Buffer.byteLength(String(held), 'base64')
    case 'SS':
      return sum(held, (one) => Buffer.byteLength(String(one)))
    case 'NS':
      return sum(held, (one) => sizeOfNumber(String(one)))
    case 'BS':
      return sum(held, (one) => Buffer.byteLength(String(one), 'base64'))
    case 'L':
      return 3 + sum(held, (one) => 1 + sizeOfValue(recordOf(one)))
    case 'M':
      return 3 + Object.keys(recordOf(held)).length + itemSizeOf(itemOf(held))
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

/** One write unit per started kilobyte of the larger of what was and what is. */
export function writeUnitsOf(before: EngineItem | undefined, after: EngineItem | undefined): number {
  const size = Math.max(before ? itemSizeOf(before) : 0, after ? itemSizeOf(after) : 0)
  return Math.max(1, Math.ceil(size / 1024))
}

export function readUnitsOf(item: EngineItem | undefined, consistent: boolean): number {
  const units = Math.max(1, Math.ceil((item ? itemSizeOf(item) : 0) / 4096))
  return consistent ? units : units / 2
}

/** The same item, attributes and sets in order, so that equal items are equal text. */
export function canonicalItem(item: EngineItem): EngineItem {
  return itemOf(ordered(item))
}

export function sameItem(one: EngineItem | undefined, other: EngineItem | undefined): boolean {
  return JSON.stringify(one && canonicalItem(one)) === JSON.stringify(other && canonicalItem(other))
}

const sets = new Set(['SS', 'NS', 'BS'])

function ordered(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return sets.has(name) ? [...value].sort() : value.map((one) => ordered(one))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, one]) => [key, ordered(one, key)]))
}

function sum(list: unknown, measure: (one: unknown) => number): number {
  return Array.isArray(list) ? list.reduce((total: number, one) => total + measure(one), 0) : 0
}

function recordOf(value: unknown): AttributeValue {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function itemOf(value: unknown): EngineItem {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([name, one]) => [name, recordOf(one)]))
}
