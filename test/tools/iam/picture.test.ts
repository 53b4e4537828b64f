import { expect, test } from 'vitest'
import { roleCards } from '../../../tools/iam/pages/picture.ts'
import { drawRoles } from '../../../tools/iam/pages/svg.ts'
import { fileNames } from '../../../tools/iam/role-parts.ts'

const cards = roleCards()
const picture = drawRoles(cards)

test('the picture of the roles is deterministic', () => {
  expect(drawRoles(roleCards())).toBe(picture)
})

test('the picture of the roles contains every role file with principals and permissions', () => {
  expect(cards.map(({ name }) => name).sort()).toEqual(fileNames())
  for (const { name, targets } of cards) expect(targets, name).not.toEqual([])
  for (const { name, group, entrants } of cards.filter(({ hours }) => hours !== undefined)) {
    expect(entrants, `${name}, ${group}`).not.toEqual([])
  }
})

test('the picture of the roles has a dark mode and contains no unresolved value', () => {
  expect(picture).toContain('prefers-color-scheme: dark')
  expect(picture).not.toMatch(/\$\{|undefined|NaN/)
})
