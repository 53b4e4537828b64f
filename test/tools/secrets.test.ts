import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { secretsIn } from '../../tools/secrets/scan.ts'

/** Put together here, so that this file contains none of them. */
const random = (length: number, alphabet: string) =>
  Array.from({ length }, (_, i) => alphabet[(i * 7 + 3) % alphabet.length]).join('')
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const mixed = 'aB3dE5gH7jK9mN1pQrS2tU4vW6xY8z'
const real: [string, string][] = [
  ['AWS access key id', `AKIA${random(16, base32)}`],
  ['AWS access key id', `key = "ASIA${random(16, base32)}"`],
  ['AWS secret access key', `aws_secret_access_key = ${random(40, mixed)}`],
  ['private key', `-----BEGIN ${'PRIVATE KEY'}-----\n${random(64, mixed)}\n`],
  ['GitHub token', `ghp_${random(36, mixed)}`],
  ['npm token', `//registry/:_authToken=npm_${random(36, mixed)}`],
  ['Slack token', `xoxb-${random(30, mixed)}`],
  ['password in a URL', `postgres://sesame:${random(12, mixed)}@db.example.com`],
]

test.each(real)('the search for credentials finds an %s', (kind, text) => {
  expect(secretsIn(`first line\n${text}\n`)).toEqual([{ kind, line: 2 }])
})

test.each([
  'AKIAIOSFODNN7EXAMPLE',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'secretAccessKey: "b"',
  `externalId: ${'0'.repeat(32)}`,
  'https://sesame.example.com/projects/acme?at=2026-03-01T10:00:00Z',
  '-----BEGIN PUBLIC KEY-----',
  'postgres://user:${password}@host',
])('the search for credentials leaves %s alone', (text) => {
  expect(secretsIn(text)).toEqual([])
})

test('no file of the repository contains a credential', () => {
  const { stdout, status } = spawnSync(process.execPath, ['tools/secrets/main.ts'], { encoding: 'utf8' })
  expect({ stdout, status }).toEqual({ stdout: 'no credentials found\n', status: 0 })
})
