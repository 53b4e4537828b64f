/** docs/proving-roles.md shows what `sesame roles explain` prints. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, expect, test } from 'vitest'
import { registerRoles } from '../../src/cli/roles.ts'
import { root } from './links.ts'

const page = readFileSync(join(root, 'docs/proving-roles.md'), 'utf8')
const samples = Array.from(
  page.matchAll(/^\$ npx sesame (roles explain .*)\n((?:.+\n)+?)(?=\n|```)/gm),
  ([, line = '', output = '']) => [line, output] as const,
)

afterEach(() => {
  process.exitCode = 0
})

test.each(samples)('docs/proving-roles.md shows the output of `sesame %s`', async (line, output) => {
  const printed: string[] = []
  const program = new Command('sesame').exitOverride()
  const stack = () => {
    throw new Error('sesame roles explain must not use AWS')
  }
  registerRoles(program, { stack, print: (text) => printed.push(text), now: () => new Date(0) })
  await program.parseAsync(line.split(' '), { from: 'user' })
  expect(`${printed.join('\n')}\n`).toBe(output)
})

test('docs/proving-roles.md shows the output of two commands', () => {
  expect(samples).toHaveLength(2)
})
