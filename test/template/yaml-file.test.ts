import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { readRoleFile } from '../../src/template/role-file.ts'
import { parseYaml, readYaml, YamlFileError } from '../../src/template/yaml-file.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'yaml-'))
})

test.each([
  [
    'a mapping within a mapping',
    'a: 1\nb: c: d\n',
    'iam/x.yml, line 2 is not valid YAML: Nested mappings are not allowed',
  ],
  ['a list that does not end', 'a: [1\nb: 2\n', 'iam/x.yml, line 2 is not valid YAML: Flow sequence'],
  ['a key twice', 'a: 1\na: 2\n', 'iam/x.yml, line 2 is not valid YAML: Map keys must be unique'],
  ['an alias without an anchor', 'a: *nobody\n', 'iam/x.yml is not valid YAML: Unresolved alias'],
])('%s is an error that names the file, the line and the problem in one line', (_, text, message) => {
  const read = () => parseYaml('iam/x.yml', text)
  expect(read).toThrow(YamlFileError)
  expect(read).toThrow(message)
  expect(read).toThrow(/^[^\n]*$/)
})

test('a role file that is not valid YAML is reported by file and line', () => {
  const text = readFileSync(new URL('../../iam/operator.yml', import.meta.url), 'utf8')
  expect(readRoleFile('operator', text).name).toBe('operator')
  const line = text.slice(0, text.indexOf('Resources:')).split('\n').length
  expect(() => readRoleFile('operator', text.replace('Resources:', 'Resources: : {'))).toThrow(
    `iam/operator.yml, line ${line} is not valid YAML`,
  )
})

test('a file is read again when its text has changed', () => {
  writeFileSync(join(root, 'x.yml'), 'a: 1')
  expect(readYaml(root, 'x.yml')).toEqual({ a: 1 })
  writeFileSync(join(root, 'x.yml'), 'a: 2')
  expect(readYaml(root, 'x.yml')).toEqual({ a: 2 })
})

test('a reader cannot change what another reader of the same file gets', () => {
  writeFileSync(join(root, 'x.yml'), 'a: { b: [1] }')
  const first = Object(readYaml(root, 'x.yml'))
  expect(() => first.a.b.push(2)).toThrow(TypeError)
  expect(readYaml(root, 'x.yml')).toEqual({ a: { b: [1] } })
})
