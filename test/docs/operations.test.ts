/**
 * docs/operations.md: each alarm of the stack has a runbook, and each runbook is rehearsed on the embedded AWS with the output that it shows.
 *
 * `npx vitest run test/docs/operations.test.ts -u` writes the outputs into the page.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Aws } from '../../local/aws.ts'
import { explainError } from '../../src/cli/explain-error.ts'
import { createProgram } from '../../src/cli/program.ts'
import { readTemplate } from '../../src/template/template.ts'
import { operatorOf } from '../cli/operator.ts'
import { textOf, wordsOf } from './documented-commands.ts'
import { type Rehearsal, startRehearsal } from './rehearsals.ts'

const path = 'docs/operations.md'
const root = fileURLToPath(new URL('../../', import.meta.url))
const sections = textOf(path).split(/^(?=## )/m)
const titleOf = (section: string) => /^## (.*)/.exec(section)?.[1] ?? ''
const anchorOf = (section: string) =>
  titleOf(section)
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')

const place = { stage: 'test', account: '123456789012', region: 'us-east-1', endpoint: 'http://localhost:1' }
const alarms = [...readTemplate({ root, ...place, env: {} }).resources.values()]
  .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  .map(({ Properties }) => ({
    name: String(Properties.AlarmName).replace('sesame-test-', ''),
    runbook: /Runbook docs\/operations\.md#(\S+)$/.exec(String(Properties.AlarmDescription))?.[1],
  }))

const rehearsal = /(?<=^```console\n)[\s\S]*?(?=^```$)/m

describe('the runbooks', () => {
  test.each(alarms)(
    'the alarm $name names its runbook, which names the alarm and has a rehearsal',
    ({ name, runbook }) => {
      const section = sections.find((one) => anchorOf(one) === runbook)
      expect(section).toBeDefined()
      expect(section).toContain(`\`${name}\``)
      expect(section).toMatch(rehearsal)
    },
  )

  test('name no alarm that does not exist', () => {
    const named = sections.flatMap((section) => {
      const [, list = ''] = /^Alarms?: (.*)$/m.exec(section) ?? []
      return [...list.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name)
    })
    expect(named.toSorted()).toEqual(alarms.map(({ name }) => name).toSorted())
  })
})

/** Does what a line says: an action of the rehearsal, or a command. @returns the lines to show */
async function linesOf(line: string, { aws, actions }: Rehearsal): Promise<string[]> {
  if (line.startsWith('# ')) {
    const action = actions[line.slice(2)]
    if (!action) throw new Error(`No rehearsal does: ${line}`)
    await action()
    return [line]
  }
  const command = line.slice(2)
  const [, name, pattern = ''] =
    /^aws logs filter-log-events --log-group-name \/aws\/lambda\/sesame-dev-(\S+) --filter-pattern (\S+) --query 'events\[\]\.message' --output text$/.exec(
      command,
    ) ?? []
  if (name !== undefined)
    return [
      line,
      ...aws.lambda
        .logLines(`sesame-dev-${name}`)
        .filter((entry) => entry.includes(pattern))
        .slice(-2),
    ]
  const [, typed = command, inverted, word = ''] = /^(.*?)(?: \| grep (-v )?(\S+))?$/.exec(command) ?? []
  const printed = await type(aws, wordsOf(typed).slice(1))
  await aws.settled()
  const shown = printed.split('\n').filter((text) => text.includes(word) !== (inverted !== undefined))
  return [line, ...shown.map((text) => text.trimEnd())]
}

/** What a command prints on a terminal of 120 columns. */
async function type(aws: Aws, args: readonly string[]): Promise<string> {
  const stack = await operatorOf(aws)
  const printed: string[] = []
  const program = createProgram(
    { stack: () => stack, print: (text) => printed.push(text), now: () => aws.clock.now(), width: 120 },
    { out: (text) => printed.push(text), error: (text) => printed.push(text) },
  )
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    printed.push(`sesame: ${explainError(error, { stage: aws.stage })}`)
  }
  process.exitCode = 0
  return printed.join('\n')
}

test('docs/operations.md shows what happens in each rehearsal', async () => {
  const played: string[] = []
  for (const section of sections) {
    const [text] = rehearsal.exec(section) ?? []
    if (text === undefined) {
      played.push(section)
      continue
    }
    const stage = await startRehearsal()
    const lines: string[] = []
    for (const line of text.split('\n').filter((one) => /^[#$] /.test(one))) lines.push(...(await linesOf(line, stage)))
    played.push(section.replace(rehearsal, () => `${lines.join('\n')}\n`))
  }
  expect(played.filter((section) => rehearsal.test(section)).length).toBeGreaterThan(12)
  await expect(played.join('')).toMatchFileSnapshot(`${root}${path}`)
}, 60_000)
