/** Reads the body of a request to a server of Node. */
import type { IncomingMessage } from 'node:http'

/** @returns the body, or `undefined` if it has more bytes than allowed; the rest is then not read */
export async function readBody(request: IncomingMessage, maximumBytes: number): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    const bytes = Buffer.from(part)
    length += bytes.length
    if (length > maximumBytes) return undefined
    parts.push(bytes)
  }
  return Buffer.concat(parts)
}
