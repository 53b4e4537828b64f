import { expect, test } from 'vitest'
import { BlockError, fillBlocks, hasBlocks } from '../../../tools/pages/blocks.ts'
import { stackBlocks } from '../../../tools/pages/stack-blocks.ts'

const blocks = { count: () => '3', table: () => '| a |\n|---|', size: () => undefined }
const fill = (text: string) => fillBlocks('docs/page.md', text, blocks)

test('a block within a line is replaced, and the text around it stays', () => {
  expect(fill('There are <!-- generated: count -->2<!-- /generated --> roles.')).toBe(
    'There are <!-- generated: count -->3<!-- /generated --> roles.',
  )
})

test('a block over several lines keeps its markers on lines of their own', () => {
  const page = (content: string) => `# Page\n\n<!-- generated: table -->\n${content}<!-- /generated -->\n\nText\n`
  expect(fill(page('| old |\n| rows |\n'))).toBe(page('| a |\n|---|\n'))
  expect(fill(page(''))).toBe(page('| a |\n|---|\n'))
})

test('a block whose value is not available stays as it is', () => {
  const text = 'from <!-- generated: size -->75 to 165 KB<!-- /generated --> each'
  expect(fill(text)).toBe(text)
})

test('filling blocks is idempotent', () => {
  const text = '<!-- generated: count --><!-- /generated --> and\n<!-- generated: table -->\n<!-- /generated -->\n'
  expect(fill(fill(text))).toBe(fill(text))
})

test.each([
  [
    'has an unknown name',
    '<!-- generated: cuont -->3<!-- /generated -->',
    'docs/page.md: the generated block "cuont" is unknown. Known blocks: count, table, size.',
  ],
  [
    'has no end',
    '<!-- generated: count -->3',
    'docs/page.md: the generated block "count" has no end. Add <!-- /generated -->.',
  ],
  [
    'is inside another block',
    '<!-- generated: count --><!-- generated: size --><!-- /generated -->',
    'docs/page.md: the generated block "size" is inside another block. Close the other block first.',
  ],
])('a block that %s is an error that names page and block', (_, text, message) => {
  expect(() => fill(text)).toThrow(BlockError)
  expect(() => fill(text)).toThrow(message)
})

test('a page without markers has no blocks', () => {
  expect(hasBlocks('# Page')).toBe(false)
  expect(hasBlocks('<!-- generated: count -->3<!-- /generated -->')).toBe(true)
})

test('sizes of archives are rounded to 5 KB, and unavailable if the stack was not packaged', () => {
  expect(stackBlocks([76_501, 82_000, 167_441])['archive-sizes']?.()).toBe('75 to 165 KB')
  expect(stackBlocks(undefined)['archive-sizes']?.()).toBeUndefined()
})

test('counts of the stack agree with its functions and alarms', () => {
  const { counts, functions, alarms } = stackBlocks(undefined)
  const rows = (table: string | undefined) => (table ?? '').split('\n').length - 2
  expect(counts?.()).toContain(`| Lambda functions | ${rows(functions?.())} |`)
  expect(counts?.()).toContain(`| CloudWatch alarms | ${rows(alarms?.())} |`)
  expect(functions?.()).toContain(
    '| `record-bounce` | Records bounces in the suppression list | [notification-handler](../iam/notification-handler.yml) |',
  )
})
