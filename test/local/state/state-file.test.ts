import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { lockFolder, readState, StateFileError, writeState } from '../../../local/state/state-file.ts'
import { readStateText, stateTextOf } from '../../../local/state/state-text.ts'
import { runsOf } from '../../runs.ts'

const place = { account: '123456789012', region: 'us-east-1', stage: 'dev' }
const saved = { savedAt: new Date('2026-03-04T05:06:07Z'), runs: 2, state: { some: new Map([['key', new Date(0)]]) } }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sesame-state-'))
})
const file = () => join(folder, 'state.json')
const lines = () => readFileSync(file(), 'utf8').split('\n')

test('a state that was written is read again, and a folder without one has none', () => {
  expect(readState(folder, place)).toBeUndefined()
  writeState(folder, place, saved)
  expect(readState(folder, place)).toEqual(saved)
  writeState(folder, place, { ...saved, runs: 3 })
  expect(readState(folder, place)).toMatchObject({ runs: 3 })
  expect(readdirSync(folder)).toEqual(['state.json'])
})

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, Number.POSITIVE_INFINITY),
    fc.string(),
    fc.integer(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.array(fc.string()).map((texts) => new Set(texts)),
    fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$date', '$map', '$object')), tie('value'), {
      noNullPrototype: true,
    }),
  ),
})).value

test('every value that a service keeps is the same after it was text', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(readStateText(stateTextOf(value))).toEqual(value)
    }),
    { seed: 1, numRuns: runsOf(400) },
  )
})

test.each([
  ['a cut state', (header: string, body: string) => `${header}\n${body.slice(0, -9)}\n`, 'its checksum is another'],
  [
    'one changed letter',
    (header: string, body: string) => `${header}\n${body.replace('key', 'kex')}\n`,
    'its checksum is another',
  ],
  ['another file', () => 'hello', 'its first line is not the header of a state'],
  ['an empty file', () => '', 'its first line is not the header of a state'],
])('%s is reported as damaged, with what to do', (_, change, problem) => {
  writeState(folder, place, saved)
  const [header = '', body = ''] = lines()
  writeFileSync(file(), change(header, body))
  expect(() => readState(folder, place)).toThrow(
    new StateFileError(file(), `${file()} is damaged: ${problem}. Restore a copy of it, or delete it to begin anew.`),
  )
})

test.each([
  ['account', '999988887777'],
  ['region', 'eu-west-1'],
  ['stage', 'production'],
] as const)('a state of another %s is refused, and both are named', (part, other) => {
  writeState(folder, { ...place, [part]: other }, saved)
  expect(() => readState(folder, place)).toThrow(
    `belongs to ${part} ${other}, and this deployment is ${part} ${place[part]}. Choose another folder.`,
  )
})

test('a state of a later format is refused', () => {
  writeState(folder, place, saved)
  const [header = '', body] = lines()
  writeFileSync(file(), `${header.replace('"version":1', '"version":2')}\n${body}\n`)
  expect(() => readState(folder, place)).toThrow('has version 2 of the format, and this Sesame reads version 1')
})

test('a folder has one process at a time, and the lock of a process that was killed is taken over', () => {
  const release = lockFolder(folder)
  expect(() => lockFolder(folder)).toThrow(
    `${folder} is in use by process ${process.pid}. Stop it, or choose another folder.`,
  )
  release()
  lockFolder(folder)()
  // No process has this id: it is above the limit of the system.
  writeFileSync(join(folder, 'lock'), '2147483646')
  lockFolder(folder)()
  expect(readdirSync(folder)).toEqual([])
})

test('a folder that cannot be created is reported with the reason', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => lockFolder(join(folder, 'file', 'below'))).toThrow(/below cannot be used \(ENOTDIR\)/)
})
