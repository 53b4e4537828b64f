import { expect, test } from 'vitest'
import { changesPage } from '../../../tools/iam/review/changes-page.ts'

const row = { role: 'role-audit', action: 'dynamodb:Query', statement: 'Read', example: 'dynamodb:Query on *' }

test('the page of changes says that a change allows nothing new and takes nothing away', () => {
  expect(changesPage([], 'main')).toBe(
    'No role may do more or less than in main, whatever the request, and nobody else may assume one.',
  )
})

test('the page of changes lists what is newly allowed before what is no longer allowed', () => {
  const page = changesPage(
    [
      { ...row, change: 'no longer allowed', action: 'dynamodb:PutItem' },
      { ...row, change: 'newly allowed' },
    ],
    'main',
  )
  expect(page.indexOf('### Newly allowed')).toBeLessThan(page.indexOf('### No longer allowed'))
  expect(page).toContain('| role-audit | `dynamodb:Query` | `Read` | `dynamodb:Query on *` |')
})

test('the page of changes escapes what would end a cell or a code span, because a pull request may contain any text', () => {
  const page = changesPage([{ ...row, change: 'newly allowed', statement: 'a`|<b>' }], 'main')
  expect(page).toContain("`a'\\|<b>`")
})
