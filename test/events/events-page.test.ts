import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventsPage } from '../../tools/pages/events-page.ts'

const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')

test('docs/events.md agrees with the schemas of our events: npm run generate writes it', () => {
  expect(page).toBe(eventsPage(page))
})

test('the events page keeps the text above the marker and replaces everything below it', () => {
  const [written = ''] = page.split('<!-- ')
  expect(eventsPage(`${page}\n## An event that does not exist\n`)).toBe(page)
  expect(eventsPage(page.replace(written, '# Other text\n\n'))).toBe(page.replace(written, '# Other text\n\n'))
})

test('the events page cannot be generated without its marker', () => {
  expect(() => eventsPage('# Events')).toThrow('docs/events.md has lost the line')
})
