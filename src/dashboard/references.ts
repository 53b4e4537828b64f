/**
 * An address ⇄ a reference that stands for it in the page and in its links. So no URL, history or screenshot holds an address.
 *
 * AES-256-GCM under a key of this process, with a nonce that follows from the text: the same address has the same reference, so that an answer
 * that did not change has the same ETag. A reference says nothing to anybody else, and ends with the process.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { maskedOf } from '../intake/masked-address.ts'
import { DashboardProblem } from './http.ts'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

export type References = ReturnType<typeof createReferences>

export function createReferences(key: Buffer = randomBytes(32)) {
  const nonceKey = createHmac('sha256', key).update('nonce').digest()
  return {
    refOf(project: string, address: string): string {
      const text = `${project} ${address}`
      const nonce = createHmac('sha256', nonceKey).update(text).digest().subarray(0, nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce)
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
    },

    /** @throws DashboardProblem if the reference is not one of this process */
    read(ref: string): { readonly project: string; readonly address: string } {
      const bytes = Buffer.from(ref, 'base64url')
      try {
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
        const text = decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
        const cut = text.indexOf(' ')
        return { project: text.slice(0, cut), address: text.slice(cut + 1) }
      } catch {
        throw new DashboardProblem(
          404,
          'This link is from a dashboard that has ended.',
          'Search for the address again.',
        )
      }
    },
  }
}

const addressInText = /[^\s"'<>(),;:[\]{}\\]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi

/** A text with every address in it masked. */
export const maskedText = (text: string): string => text.replaceAll(addressInText, maskedOf)
