/**
 * Creates a self-signed certificate for `localhost` for each run. Lambda calls DynamoDB over TLS, so cold starts are measured over TLS too.
 *
 * Node can sign but not encode X.509 certificates (RFC 5280), so this file encodes the few nested values that are needed.
 */
import { generateKeyPairSync, sign } from 'node:crypto'

/** A DER value: tag, length, content. */
function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const encodedLength = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...encodedLength]), content])
}

const sequence = (...contents: Uint8Array[]) => der(0x30, ...contents)
const hex = (text: string) => Buffer.from(text, 'hex')
const text = (tag: number, value: string) => der(tag, Buffer.from(value, 'latin1'))

const ecdsaWithSha256 = sequence(der(0x06, hex('2a8648ce3d040302')))
const name = sequence(der(0x31, sequence(der(0x06, hex('550403')), text(0x0c, 'localhost'))))
const isAuthority = sequence(der(0x06, hex('551d13')), der(0x04, sequence(der(0x01, hex('ff')))))
const isLocalhost = sequence(der(0x06, hex('551d11')), der(0x04, sequence(text(0x82, 'localhost'))))

/** @returns key and certificate as PEM */
export function certificateForLocalhost(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const toBeSigned = sequence(
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, hex('01')),
    ecdsaWithSha256,
    name,
    sequence(text(0x17, '250101000000Z'), text(0x17, '490101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(isAuthority, isLocalhost)),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const certificate = sequence(toBeSigned, ecdsaWithSha256, der(0x03, hex('00'), signature))
  const lines = certificate.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}
