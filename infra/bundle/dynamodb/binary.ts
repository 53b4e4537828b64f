/**
 * JSON with binary values: bytes in memory, base64 in the protocol.
 */

/** The members of an attribute value that hold bytes. */
const isBinary = (type: string) => type === 'B'
const isBinarySet = (type: string) => type === 'BS'

export const encode = (input: object): string =>
  JSON.stringify(input, function (key, value) {
    // A Buffer converts itself to JSON before it gets here, so the value is read from the object that holds it.
    const held = this[key]
    return held instanceof Uint8Array ? Buffer.from(held).toString('base64') : value
  })

/** Only a text with such a member is searched: an item without binary values costs nothing more. */
const mayHoldBytes = /"BS?":/

export const decode = <Output>(text: string): Output =>
  mayHoldBytes.test(text) ? JSON.parse(text, bytesOf) : JSON.parse(text)

function bytesOf(key: string, value: unknown): unknown {
  if (isBinary(key) && typeof value === 'string') return new Uint8Array(Buffer.from(value, 'base64'))
  if (isBinarySet(key) && Array.isArray(value)) return value.map((member) => bytesOf('B', member))
  return value
}
