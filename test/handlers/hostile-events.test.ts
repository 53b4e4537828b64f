/** What a function logs about events that somebody else wrote: no address, and no control character, whatever field holds one. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { recordBounce } from '../../src/handlers/record-bounce.ts'
import { runsOf } from '../runs.ts'
import { account, route, sesEvent, snsRecord } from '../suppression/feedback.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws({ withoutTriggers: ['propagate-suppression'] })
  await route(aws, 'sesame-acme', 'acme')
})

/** The outcome or error of one record, and what was logged about it. */
async function handled(record: unknown): Promise<string> {
  const lines: string[] = []
  const handle = recordBounce({
    env: { PROJECTS_TABLE: 'sesame-dev-projects', SUPPRESSIONS_TABLE: 'sesame-dev-suppressions', LOG_KEY: 'key' },
    client: aws.clientConfig(aws.credentials.root(aws.account)),
    log: (line) => lines.push(line),
    now: () => aws.clock.now(),
  })
  const context = { awsRequestId: 'x' } as Parameters<typeof handle>[1]
  const answer = await handle({ Records: [record] }, context).catch((error: Error) => `${error.name}: ${error.message}`)
  return [...lines, typeof answer === 'string' ? answer : JSON.stringify(answer)].join('\n')
}

const secret = 'secret.person@example.org'
const hostile = fc.constantFrom(
  secret,
  `\u001b]0;${secret}\u0007\u001b[2J`,
  `a\r\n{"outcome":"recorded","by":"${secret}"}`,
  `\u009b31m${secret}`,
  `<${secret}>`,
  `=HYPERLINK("${secret}")`,
  `${'x'.repeat(300)}${secret}`,
)
const path = fc.constantFrom(
  ['eventType'],
  ['notificationType'],
  ['mail', 'messageId'],
  ['mail', 'timestamp'],
  ['mail', 'source'],
  ['mail', 'sendingAccountId'],
  ['mail', 'destination'],
  ['mail', 'tags', 'ses:configuration-set', '0'],
  ['mail', 'tags', 'ses:tenant-name'],
  ['mail', 'tags', secret],
  ['bounce', 'bounceType'],
  ['bounce', 'bounceSubType'],
  ['bounce', 'feedbackId'],
  ['bounce', 'timestamp'],
  ['bounce', 'bouncedRecipients'],
  ['bounce', 'bouncedRecipients', '0', 'emailAddress'],
  ['bounce', 'bouncedRecipients', '1', 'emailAddress'],
  ['bounce', 'bouncedRecipients', '0', 'action'],
  ['bounce', 'bouncedRecipients', '0', 'status'],
  ['bounce', 'bouncedRecipients', '0', 'diagnosticCode'],
  ['bounce', secret],
  ['complaint', 'complaintFeedbackType'],
  ['complaint', 'complaintSubType'],
  ['complaint', 'feedbackId'],
  ['complaint', 'complainedRecipients', '0', 'emailAddress'],
)

/** A copy with a value at the path. */
function withValue(node: unknown, [key = '', ...rest]: readonly string[], value: string): unknown {
  if (rest.length === 0 && key === '') return value
  const inner =
    typeof node === 'object' && node !== null ? Object.entries(node).find(([name]) => name === key)?.[1] : undefined
  const changed = rest.length === 0 ? value : withValue(inner, rest, value)
  if (Array.isArray(node)) return node.map((item, i) => (String(i) === key ? changed : item))
  return { ...(typeof node === 'object' ? node : {}), [key]: changed }
}

const at = new Date('2026-03-01T10:00:00Z')
const addresses = ['first.person@example.org', 'second.person@example.org']
const events = (['hard', 'soft', 'blocked', 'complaint'] as const).map((kind) =>
  sesEvent({ kind, addresses, at, feedbackId: 'f-1' }, 'sesame-acme'),
)

describe('the log of record-bounce about hostile events', () => {
  test('no line and no error holds an address or a control character, whatever fields hold one', async () => {
    let refused = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...events),
        fc.array(fc.tuple(path, hostile), { minLength: 1, maxLength: 3 }),
        async (event, changes) => {
          const forged = changes.reduce<unknown>((copy, [where, value]) => withValue(copy, where, value), event)
          const said = await handled(snsRecord(Object(forged)))
          expect(said).not.toMatch(/person|example\.org|\w@\w/)
          expect(said.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\\u00|\\[rn]/u)
          if (said.includes('Error')) refused++
        },
      ),
      { seed: 1, numRuns: runsOf(400) },
    )
    expect(refused).toBeGreaterThan(runsOf(50))
  }, 60_000)

  test('the check notices an address in a line', async () => {
    expect(
      await handled(snsRecord(sesEvent({ kind: 'hard', addresses, at, feedbackId: 'person' }, 'sesame-acme'))),
    ).toMatch(/person/)
  })
})

describe('an event with one recipient of ten that cannot be read', () => {
  const ten = Array.from({ length: 10 }, (_, i) => `gone${i}@example${i === 9 ? '..' : '.'}com`)
  const record = snsRecord(sesEvent({ kind: 'hard', addresses: ten, at, feedbackId: 'ten' }, 'sesame-acme'))
  const items = async () =>
    (await aws.dynamodb.items('sesame-dev-suppressions')).filter(({ address }) => String(address?.S).startsWith('gone'))

  test('nine are recorded, and the record fails with the position of the tenth', async () => {
    expect(await handled(record)).toContain(
      'Cannot read 1 of 10 recipients: bounce.bouncedRecipients[9].emailAddress is not an e-mail address',
    )
    expect(await items()).toHaveLength(9)
  })

  test('a replay of the whole record changes nothing about the nine', async () => {
    const before = JSON.stringify(await items())
    await handled(record)
    expect(JSON.stringify(await items())).toBe(before)
  })

  test('an event of another account is refused before anything is written', async () => {
    await route(aws, 'other', 'other', account)
    const bad = snsRecord(
      sesEvent({ kind: 'hard', addresses: ['x', 'gone10@example.com'], at, feedbackId: 'y' }, 'nobody'),
    )
    expect(await handled(bad)).toContain('No project owns')
    expect(await items()).toHaveLength(9)
  })
})
