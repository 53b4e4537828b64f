import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { roleCards } from '../../../tools/iam/pages/picture.ts'
import { drawRoles } from '../../../tools/iam/pages/svg.ts'
import { fileNames } from '../../../tools/iam/role-parts.ts'

const cards = roleCards()
const picture = drawRoles(cards)

test('docs/roles.svg is the one that the role files and serverless.yml make: npm run roles:svg', () => {
  expect(readFileSync(new URL('../../../docs/roles.svg', import.meta.url), 'utf8')).toBe(picture)
})

test('the picture is the same however often it is drawn', () => {
  expect(drawRoles(roleCards())).toBe(picture)
})

test('every role file has its place in it, with who enters and what it may do', () => {
  expect(cards.map(({ name }) => name).sort()).toEqual(fileNames())
  for (const { name, targets } of cards) expect(targets, name).not.toEqual([])
  for (const { name, group, entrants } of cards.filter(({ hours }) => hours !== undefined)) {
    expect(entrants, `${name}, ${group}`).not.toEqual([])
  }
})

test('the picture has both kinds of light, and nothing in it is left unresolved', () => {
  expect(picture).toContain('prefers-color-scheme: dark')
  expect(picture).not.toMatch(/\$\{|undefined|NaN/)
})
