import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Aws } from '../../local/aws.ts'
import { registerDoctor } from '../../src/cli/doctor.ts'
import { watchedAws } from '../audit/watched.ts'
import { run } from './operator.ts'

const folder = mkdtempSync(join(tmpdir(), 'sesame-trust-'))
const id = '0123456789abcdef0123456789abcdef'
let aws: Aws
beforeAll(async () => {
  aws = await watchedAws()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function judge(operator: string, content?: string) {
  const path = join(folder, 'trust.json')
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::123456789012:root' },
    Action: 'sts:AssumeRole',
    Condition: {
      ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/sesame/*' },
      [operator]: { 'sts:ExternalId': id },
    },
  }
  writeFileSync(path, content ?? JSON.stringify({ Version: '2012-10-17', Statement: [statement] }))
  return run(aws, registerDoctor, 'doctor', '--trust', path)
}

test('sesame doctor --trust finds nothing wrong with the trust policy of the template', async () => {
  const { printed, code } = await judge('StringEquals')
  expect(printed).not.toContain('✗')
  expect(printed.match(/✓/g)).toHaveLength(6)
  expect(code).toBe(0)
})

test('sesame doctor --trust says who else may enter, exits with 1, and prints no external id', async () => {
  const { printed, code } = await judge('StringEqualsIfExists')
  expect(printed).toMatch(/✗ +the role can be assumed without an external id/)
  expect(printed).toMatch(/✓ +the role can be assumed with the external id/)
  expect(printed).not.toContain(id)
  expect(code).toBe(1)
})

test('sesame doctor --trust refuses a file that is no trust policy, and one that does not exist', async () => {
  await expect(judge('', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}')).rejects.toThrow(
    /is no trust policy: Statement\[0\]/,
  )
  await expect(run(aws, registerDoctor, 'doctor', '--trust', join(folder, 'none.json'))).rejects.toThrow(
    'does not exist',
  )
})
