/**
 * `npm run sbom`: prints the bill of materials of all that ships, as CycloneDX 1.6. The same lock file gives the same text.
 *
 * `npm sbom --omit dev` leaves out every package that a development dependency needs as well, so it would miss most of the AWS SDK.
 * https://cyclonedx.org/docs/1.6/json/
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Shipped, shippedBy } from './shipped.ts'

/** https://github.com/package-url/purl-spec */
const purlOf = ({ name, version }: Shipped) => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`
const refOf = (one: Shipped) => `${one.path === '' ? one.name : one.path}@${one.version}`

function componentOf(one: Shipped, type: 'application' | 'library') {
  const [, algorithm, digest = ''] = /^(sha512)-(.+)$/.exec(one.integrity ?? '') ?? []
  return {
    'bom-ref': refOf(one),
    type,
    name: one.name,
    version: one.version,
    purl: purlOf(one),
    licenses: [{ license: { id: one.licence } }],
    ...(algorithm && { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }),
  }
}

/** @param lock the text of package-lock.json */
export function billOfMaterials(lock: string): object {
  const [own, ...others] = shippedBy(lock)
  if (!own) throw new Error('package-lock.json does not name the project')
  const byPath = new Map([own, ...others].map((one) => [one.path, one]))
  const hash = createHash('sha256').update(lock).digest('hex')
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    // A UUID of version 8: its bits are those of the hash.
    serialNumber: `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`,
    version: 1,
    metadata: { component: componentOf(own, 'application') },
    components: others.map((one) => componentOf(one, 'library')),
    dependencies: [own, ...others].map((one) => ({
      ref: refOf(one),
      dependsOn: one.needs.flatMap((path) => byPath.get(path) ?? []).map(refOf),
    })),
  }
}

if (import.meta.main)
  process.stdout.write(`${JSON.stringify(billOfMaterials(readFileSync('package-lock.json', 'utf8')), undefined, 2)}\n`)
