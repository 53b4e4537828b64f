/** Request and response of the wire layer, from a socket or from an in-process SDK client. */
export type WireRequest = {
  method: string
  /** As sent: percent-encoded once, without the query. */
  path: string
  /** Decoded. */
  query: Readonly<Record<string, string | readonly string[]>>
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}

export type WireResponse = { status: number; headers: Record<string, string>; body: Uint8Array }

export const maximumBodyBytes = 16 * 1024 * 1024

/**
 * A query string as values by name; a name that occurs more than once has a list.
 *
 * @throws URIError for invalid percent-encoding
 */
export function readQuery(text: string): Record<string, string | string[]> {
  const found = new Map<string, string | string[]>()
  for (const part of text.split('&')) {
    if (part === '') continue
    const cut = part.indexOf('=')
    const name = decodeForm(cut < 0 ? part : part.slice(0, cut))
    const value = cut < 0 ? '' : decodeForm(part.slice(cut + 1))
    const before = found.get(name)
    if (before === undefined) found.set(name, value)
    else if (Array.isArray(before)) before.push(value)
    else found.set(name, [before, value])
  }
  return Object.fromEntries(found)
}

function decodeForm(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
