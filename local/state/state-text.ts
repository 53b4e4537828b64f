/**
 * State as text and back: JSON that also has dates, maps, sets, bytes and infinity.
 *
 * Such a value is an object with one member whose name begins with `$`. An object that has such a member itself is written as `$object`.
 */

/** @throws TypeError for a value that JSON cannot have, such as a function */
export function stateTextOf(state: unknown): string {
  return JSON.stringify(taggedOf(state))
}

/** @throws SyntaxError if the text is not JSON */
export function readStateText(text: string): unknown {
  return untaggedOf(JSON.parse(text))
}

function taggedOf(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.toISOString() }
  if (value instanceof Map) return { $map: [...value].map((entry) => entry.map(taggedOf)) }
  if (value instanceof Set) return { $set: [...value].map(taggedOf) }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (value === Number.POSITIVE_INFINITY) return { $infinity: true }
  if (Array.isArray(value)) return value.map(taggedOf)
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new TypeError(`A ${typeof value} cannot be kept as state`)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, member]) => [name, taggedOf(member)])
  return entries.some(([name]) => String(name).startsWith('$')) ? { $object: entries } : Object.fromEntries(entries)
}

function untaggedOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untaggedOf)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [[name, content] = ['', undefined]] = entries
  if (entries.length !== 1 || !name.startsWith('$')) return membersOf(entries)
  const list = Array.isArray(content) ? content : []
  if (name === '$date') return new Date(String(content))
  if (name === '$map') return new Map(list.map(([key, member]) => [untaggedOf(key), untaggedOf(member)]))
  if (name === '$set') return new Set(list.map(untaggedOf))
  if (name === '$bytes') return new Uint8Array(Buffer.from(String(content), 'base64'))
  if (name === '$infinity') return Number.POSITIVE_INFINITY
  return membersOf(list)
}

const membersOf = (entries: readonly [string, unknown][]): object =>
  Object.fromEntries(entries.map(([name, member]) => [name, untaggedOf(member)]))
