import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { brokenRoleFiles } from '../../../local/demo/role-files.ts'
import { readRoleFiles } from '../../../src/template/role-files.ts'

const textOf = (name: string) => readFileSync(new URL(`../../../iam/${name}.yml`, import.meta.url), 'utf8')
const changed = (file: string, change: (text: string) => string) => (name: string) => {
  const text = textOf(name)
  if (name === file) expect(change(text), 'the change changes something').not.toBe(text)
  return name === file ? change(text) : text
}
const templates = readRoleFiles().templates.map(({ name }) => name)

test('no file of iam/ is broken', () => {
  expect(templates).toContain('customer-access')
  expect(brokenRoleFiles()).toEqual([])
})

test.each(templates)('YAML that is broken in iam/%s.yml is reported with the file', (name) => {
  const problems = brokenRoleFiles(changed(name, (text) => `${text}\n  broken: : [`))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`iam/${name}.yml`)
})

test.each(templates)('a statement without an effect in iam/%s.yml is reported with the file', (name) => {
  const problems = brokenRoleFiles(changed(name, (text) => text.replace(/Effect: Allow/g, 'Efect: Allow')))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`iam/${name}.yml`)
})

test('a misspelt action in the template of customers is reported, although the customers of the demo never use it', () => {
  const problems = brokenRoleFiles(
    changed('customer-access', (text) => text.replace('ses:GetAccount', 'ses:GetAcount')),
  )
  expect(problems).toEqual([expect.stringMatching(/^iam\/customer-access.yml differs from .* npm run generate\.$/)])
})
