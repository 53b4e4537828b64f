/**
 * The hash with which SDK clients in process sign their calls: SHA-256 and HMAC as the SDK's own, with signing keys that are ready for use.
 *
 * The SDK caches a signing key as bytes. Node imports such a key for each call, which takes several times as long as the hash.
 */
import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto'

type Bytes = string | ArrayBuffer | ArrayBufferView

const ready = new WeakMap<object, KeyObject>()

function keyOf(secret: Bytes): string | KeyObject {
  if (typeof secret === 'string') return secret
  let key = ready.get(secret)
  if (!key) {
    key = createSecretKey(bufferOf(secret))
    ready.set(secret, key)
  }
  return key
}

const bufferOf = (data: Exclude<Bytes, string>): Buffer =>
  ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data)

/** In the shape of the SDK's `ChecksumConstructor`. */
export class SdkHash {
  private readonly secret: Bytes | undefined
  private hash: Hash | Hmac

  constructor(secret?: Bytes) {
    this.secret = secret
    this.hash = this.start()
  }

  update(data: Uint8Array): void {
    this.hash.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }

  reset(): void {
    this.hash = this.start()
  }

  private start(): Hash | Hmac {
    return this.secret === undefined ? createHash('sha256') : createHmac('sha256', keyOf(this.secret))
  }
}
