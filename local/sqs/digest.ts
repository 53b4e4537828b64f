/** MD5 digests with which an SDK checks a message. */
import { createHash } from 'node:crypto'
import type { MessageAttributes } from './message-attributes.ts'

export function md5(text: string | Uint8Array): string {
  return createHash('md5').update(text).digest('hex')
}

/**
 * The digest of message attributes, sorted by name: length and bytes of name and type, one byte for the kind of value (1 text, 2 binary),
 * length and bytes of the value. Undefined without attributes.
 * See "Calculating the MD5 message digest for message attributes" in the SQS developer guide.
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return undefined
  const hash = createHash('md5')
  const add = (bytes: Uint8Array): void => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hash.update(length).update(bytes)
  }
  for (const name of names) {
    const attribute = attributes[name]
    if (!attribute) continue
    add(Buffer.from(name))
    add(Buffer.from(attribute.DataType))
    hash.update(Buffer.from([attribute.BinaryValue ? 2 : 1]))
    add(attribute.BinaryValue ?? Buffer.from(attribute.StringValue ?? ''))
  }
  return hash.digest('hex')
}
