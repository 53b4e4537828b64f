import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { registerRoles } from '../../src/cli/roles.ts'

const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8')
const shown = [...page.matchAll(/^\$ sesame (roles explain .*)\n([^`]*)/gm)].map(([, line = '', output = '']) => [
  line,
  output,
])

test.each(shown)('docs/troubleshooting.md shows the output of `sesame %s`', async (line, output) => {
  const printed: string[] = []
  const program = new Command('sesame').exitOverride()
  const stack = () => {
    throw new Error('sesame roles explain must not use AWS')
  }
  registerRoles(program, { stack, print: (text) => printed.push(text), now: () => new Date(0) })
  await program.parseAsync(line.split(' '), { from: 'user' })
  process.exitCode = 0
  expect(`${printed.join('\n')}\n`).toBe(output)
})

test('docs/troubleshooting.md shows the output of three commands', () => {
  expect(shown).toHaveLength(3)
})
