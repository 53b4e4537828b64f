/**
 * Cursors: the place in a list at which the next page begins, encrypted, because it is an address and a cursor is part of a URL.
 *
 * A cursor is bound to the project and the filters: with others, it cannot be decrypted.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { Problem } from './problem.ts'

const ivBytes = 12
const tagBytes = 16

export type Cursors = {
  write(place: string, boundTo: readonly string[]): string
  /** @throws Problem */
  read(cursor: string, boundTo: readonly string[]): string
}

/** @param secret of the stack */
export function createCursors(secret: string): Cursors {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'sesame cursor', 32))
  const contextOf = (boundTo: readonly string[]) => Buffer.from(JSON.stringify(boundTo))
  return {
    write(place, boundTo) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(contextOf(boundTo))
      const text = Buffer.concat([cipher.update(place, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
    },
    read(cursor, boundTo) {
      try {
        const bytes = Buffer.from(cursor, 'base64url')
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
          .setAAD(contextOf(boundTo))
          .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
        return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        throw new Problem('invalid-cursor', { detail: 'It was not made for this project and these filters.' })
      }
    },
  }
}
