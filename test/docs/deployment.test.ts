/** The procedures of docs/deployment.md cover every resource that outlives the stack. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from './links.ts'

const template = v.looseObject({
  Resources: v.optional(
    v.record(
      v.string(),
      v.looseObject({
        Type: v.string(),
        DeletionPolicy: v.optional(v.string()),
        Properties: v.optional(v.looseObject({ TableName: v.optional(v.string()) })),
      }),
    ),
    {},
  ),
})
const resources = globSync('infra/*.yml', { cwd: root }).flatMap((file) =>
  Object.entries(
    v.parse(template, parse(readFileSync(join(root, file), 'utf8'), { merge: true, maxAliasCount: -1 })).Resources,
  ),
)
const retained = resources.filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')
const page = readFileSync(join(root, 'docs/deployment.md'), 'utf8')

test('docs/deployment.md deletes every retained table on request', () => {
  const tables = retained.flatMap(([, { Properties }]) => Properties?.TableName?.replace(/^sesame-.*?\}-/, '') ?? [])
  expect(tables.length).toBeGreaterThanOrEqual(4)
  expect(/^for table in (.+); do$/m.exec(page)?.[1]?.split(' ').sort()).toEqual(tables.sort())
})

test('docs/deployment.md names every other retained resource', () => {
  const others = retained.filter(([, { Type }]) => Type !== 'AWS::DynamoDB::Table')
  expect(others.map(([id]) => id).sort()).toEqual(['AccessBucket', 'ReportsBucket'])
  for (const bucket of ['access', 'reports']) expect(page).toContain(`**The ${bucket} bucket**`)
})
