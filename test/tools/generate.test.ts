import { expect, test } from 'vitest'
import { allPages } from '../../tools/pages/pages.ts'
import { isStale, orphans } from '../../tools/pages/stale.ts'

const pages = allPages()

test.each(pages.map((page) => [page.path, page] as const))(
  '%s is up to date: npm run generate writes it',
  (_, page) => {
    expect(isStale(page)).toBe(false)
  },
)

test('a page whose generated content differs from its file is stale', () => {
  for (const { path, text } of pages) expect(isStale({ path, text: (current) => `${text(current)} ` }), path).toBe(true)
  expect(isStale({ path: 'docs/absent.md', text: () => 'text' })).toBe(true)
})

test('every file in a folder of generated files belongs to a page', () => {
  expect(orphans(pages)).toEqual([])
  const reach = pages.filter(({ path }) => path.startsWith('test/iam/reach/'))
  expect(reach.length).toBeGreaterThan(10)
  expect(orphans(pages.filter((page) => page !== reach[0]))).toEqual([reach[0]?.path])
})

test('README.md, docs and iam are among the generated pages', () => {
  expect(pages.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'iam/customer-access.yml',
      'iam/README.md',
      'docs/roles.svg',
      'docs/events.md',
      'docs/deployment.md',
    ]),
  )
})
