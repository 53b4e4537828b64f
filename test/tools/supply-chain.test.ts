import { readdirSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { billOfMaterials } from '../../tools/supply-chain/bill-of-materials.ts'
import { licencesOf, permitted } from '../../tools/supply-chain/shipped.ts'

const lock = readFileSync('package-lock.json', 'utf8')

test('every package that ships has a licence that is permitted, dependencies of dependencies included', () => {
  const found = licencesOf(lock)
  expect([...found.keys()].filter((licence) => !permitted.has(licence))).toEqual([])
  expect([...found.values()].flat()).toContain('@aws-sdk/client-sts')
  // A copy with another licence, and one without any, are noticed.
  for (const licence of ['"license": "AGPL-3.0"', '"funding": "none"']) {
    const others = licencesOf(lock.replaceAll('"license": "MIT-0"', licence))
    expect([...others.keys()].filter((one) => !permitted.has(one))).toHaveLength(1)
  }
})

const Component = v.object({
  'bom-ref': v.string(),
  name: v.string(),
  version: v.string(),
  purl: v.pipe(v.string(), v.regex(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d/)),
  hashes: v.tuple([v.object({ alg: v.literal('SHA-512'), content: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)) })]),
})
const Bom = v.object({
  bomFormat: v.literal('CycloneDX'),
  specVersion: v.literal('1.6'),
  serialNumber: v.pipe(v.string(), v.regex(/^urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/)),
  components: v.array(Component),
  dependencies: v.array(v.object({ ref: v.string(), dependsOn: v.array(v.string()) })),
})

test('the bill of materials is CycloneDX and names every package that ships, with its version, hash and dependencies', () => {
  const { components, dependencies } = v.parse(Bom, billOfMaterials(lock))
  const names = components.map(({ name }) => name)
  expect(names.sort()).toEqual([...licencesOf(lock).values()].flat().sort())
  // A development dependency needs it as well, and it ships all the same.
  expect(names).toContain('@aws-sdk/client-eventbridge')
  expect(names).not.toContain('vitest')
  const refs = new Set(components.map((one) => one['bom-ref']))
  expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([])
  // Everything that ships is needed by something that ships.
  const needed = new Set(dependencies.flatMap(({ dependsOn }) => dependsOn))
  expect([...refs].filter((ref) => !needed.has(ref))).toEqual([])
})

test('every action of every workflow is pinned to a commit, and no job may write more than it names', () => {
  const files = readdirSync('.github/workflows').map((name) => readFileSync(`.github/workflows/${name}`, 'utf8'))
  const used = files.flatMap((text) => [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action))
  expect(used.length).toBeGreaterThan(4)
  expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action ?? ''))).toEqual([])
  for (const text of files) expect(text).toMatch(/^permissions:\n {2}contents: read$/m)
})
