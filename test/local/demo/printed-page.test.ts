/**
 * docs/embedded-aws.md shows what `npm start` prints on a terminal of 80 columns, with `…` for keys and for numbers that
 * often change.
 * `npx vitest run test/local/demo/printed-page.test.ts -u` writes it.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startAws } from '../../../local/aws.ts'
import { createManualClock } from '../../../local/clock.ts'
import { shortReport } from '../../../local/demo/report.ts'
import { runMainFlow } from '../../../local/demo/run.ts'
import { instructions } from '../../../local/demo/serve.ts'

const page = fileURLToPath(new URL('../../../docs/embedded-aws.md', import.meta.url))
const block = /(?<=^## What it prints\n\n```text\n)[\s\S]*?(?=^```$)/m

test('docs/embedded-aws.md shows what npm start prints on a terminal of 80 columns', async () => {
  const clock = createManualClock(new Date('2026-03-04T05:06:07Z'))
  const aws = await startAws({ clock, hasFixedKeys: true, env: { SESAME_FILE_REPLAY_UNTIL: '2100-01-01T00:00:00Z' } })
  const flow = await runMainFlow(aws)
  expect(flow.failures).toEqual([])
  const url = 'http://sesame.localhost:4566'
  const sections = shortReport(flow, 80).map(({ heading, text }) => `${heading}\n${text}`)
  const printed = [
    ...sections,
    'All checks passed.',
    `Serving at ${url} until Ctrl-C. Type in another terminal:\n\n${instructions(aws, url)}`,
  ].join('\n\n')
  const shown = printed
    // A new sample, or a change of a function, changes them.
    .replaceAll(/\d+ (calls by|roles and|sample events|applied|ignored|refused as|more:)/g, '… $1')
    // A page has no keys, not even those of a demo.
    .replaceAll(/(AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY))=\S+/g, '$1=…')
    .replaceAll(/ +$/gm, '')
  const text = readFileSync(page, 'utf8')
  expect(text).toMatch(block)
  await expect(text.replace(block, () => `${shown}\n`)).toMatchFileSnapshot(page)
}, 30_000)
