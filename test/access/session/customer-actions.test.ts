import { readFileSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { grants } from '../../../src/access/session/customer-actions.ts'

const sources = new URL('../../../src/', import.meta.url)

/** The commands that the sources import from an SDK client, as `SendEmailCommand` or `paginateListX`. */
async function commandsSent(service: string, client: string): Promise<string[]> {
  const found = new Set<string>()
  for await (const file of glob('**/*.ts', { cwd: sources })) {
    const text = await readFile(new URL(file, sources), 'utf8')
    for (const [, names = ''] of text.matchAll(new RegExp(`import \\{([^}]*)\\} from '@aws-sdk/${client}'`, 'g')))
      for (const [, one, other] of names.matchAll(/\b(?:(\w+)Command|paginate(\w+))\b/g))
        found.add(`${service}:${one ?? other}`)
  }
  return [...found].sort()
}

/** Commands that are also sent to Sesame's own topics, with its own roles. */
const onOurTopics = new Set(['sns:GetTopicAttributes', 'sns:SetTopicAttributes'])
/** Commands that are sent to customers' topics with Sesame's own role, which their policies allow. */
const withOurRole = new Set(['sns:Subscribe'])
/** Commands that are granted before a source sends them. Remove a command here once it is sent. */
const toCome = new Set([
  'ses:DeleteSuppressedDestination',
  'ses:GetAccount',
  'ses:GetSuppressedDestination',
  'ses:ListEmailIdentities',
  'ses:ListSuppressedDestinations',
  'ses:PutSuppressedDestination',
  'ses:SendEmail',
])

describe('customer actions', () => {
  test('customer actions cover every command that the code sends to SES and to customers’ topics', async () => {
    const listed = grants.flatMap(({ commands }) => commands)
    const sent = [...(await commandsSent('ses', 'client-sesv2')), ...(await commandsSent('sns', 'client-sns'))]
    expect(
      sent.filter((command) => !listed.includes(command) && !onOurTopics.has(command) && !withOurRole.has(command)),
    ).toEqual([])
  })

  test('every customer action is sent by the code', async () => {
    const sent = [...(await commandsSent('ses', 'client-sesv2')), ...(await commandsSent('sns', 'client-sns'))]
    // Signed and sent without a client: src/access/proof/read-role.ts, src/operations/reputation-metrics.ts
    const byHand = [
      ...readFileSync('src/access/proof/read-role.ts', 'utf8').matchAll(/\bcall\('(\w+)'|\(call, '(\w+)'/g),
    ]
    sent.push(...byHand.map(([, one, other]) => `iam:${one ?? other}`))
    const metrics = readFileSync('src/operations/reputation-metrics.ts', 'utf8')
    const [, target] = /'GraniteServiceVersion20100801\.(\w+)'/.exec(metrics) ?? []
    sent.push(`monitoring:${target}`)
    const unsent = grants.flatMap(({ commands }) => commands).filter((command) => !sent.includes(command))
    expect(unsent.filter((command) => !toCome.has(command))).toEqual([])
  })

  test('each customer action is listed once', () => {
    const listed = grants.flatMap(({ commands }) => commands)
    expect(new Set(listed).size).toBe(listed.length)
  })
})
