import { expect, test } from 'vitest'
import { readUse } from '../../src/audit/uses.ts'

const item = (verdict: string) => ({
  role: { S: 'operator' },
  at: { S: '2026-03-01T10:00:00.000Z' },
  by: { S: 'ann' },
  verdict: { S: verdict },
})

test('a use with a verdict of a newer version is read as unexpected, so that somebody looks at it', () => {
  expect(readUse(item('quarantined'))).toMatchObject({ by: 'ann', verdict: 'unexpected' })
  expect(readUse(item('expected'))).toMatchObject({ verdict: 'expected' })
})
