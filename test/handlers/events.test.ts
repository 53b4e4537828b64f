import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { replayItem } from '../../src/cli/replay.ts'
import { createStack } from '../../src/cli/stack.ts'
import { addressOf } from '../../src/suppression/stored-evidence.ts'
import { eventsTable } from '../events-table.ts'
import { route, table } from '../suppression/feedback.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws()
  await route(aws, 'sesame-acme', 'acme')
  await route(aws, 'sesame-globex', 'globex', '444455556666')
})

const replayed = async (file: string) => {
  const payload: unknown = JSON.parse(readFileSync(new URL(`../../events/${file}`, import.meta.url), 'utf8'))
  const stack = createStack('dev', aws.clientConfig(aws.credentials.root(aws.account)))
  const [result] = await replayItem(stack, { source: file, payload })
  return result
}
const listed = async () =>
  (await aws.dynamodb.items(table)).map(({ project, address }) => `${project?.S} ${addressOf(String(address?.S))}`)

/** The outcome of a well-formed event that a project owns. */
function outcomeOf({ event, says = '', uncounted }: (typeof eventsTable)[number]): string {
  if (uncounted) return `ignored: ${uncounted}`
  if (event === 'NonEvent') return `ignored: ${says}`
  return ['Bounce', 'Complaint'].includes(event) ? 'applied' : `ignored: ${event} says nothing about suppression`
}

describe('the replay of sample payloads', () => {
  test.each(eventsTable.map((row) => [row.file, row.shows, row] as const))(
    'a replay of %s has the expected outcome: %s',
    async (file, _, row) => {
      const result = await replayed(file)
      const { event, of, recipients = [] } = row
      if (event.startsWith('malformed') || of === 'nobody') {
        expect(result).toMatchObject({
          outcome: 'failed',
          why: expect.stringContaining(of ? 'No project owns' : event.replace('malformed: ', '')),
        })
        return
      }
      expect([result?.outcome, result?.why].filter(Boolean).join(': ')).toBe(outcomeOf(row))
      if (['Bounce', 'Complaint'].includes(event))
        expect(await listed()).toEqual(expect.arrayContaining(recipients.map((address) => `${of} ${address}`)))
    },
  )
})
