/** The MD5 sums by which an SDK checks that a message came through unharmed. */
import { createHash } from 'node:crypto'
import type { MessageAttributes } from './queue.ts'

export function md5(text: string | Uint8Array): string {
  return createHash('md5').update(text).digest('hex')
}

/**
 * The sum over message attributes, sorted by name: length and bytes of name and type, a byte for the kind of value (1 text, 2 binary),
 * length and bytes of the value.
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
