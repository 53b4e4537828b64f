import { glob, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { grants } from '../../../src/access/session/customer-actions.ts'

const sources = new URL('../../../src/', import.meta.url)

/** What a source takes from an SDK client: `SendEmailCommand` and `paginateListX` are the commands that it sends. */
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

/** What we do to our own topics, with our own roles. */
const onOurTopics = new Set(['sns:GetTopicAttributes', 'sns:SetTopicAttributes'])
/** What our own role does to customers' topics: their policies permit it. */
const withOurRole = new Set(['sns:Subscribe'])
/** Granted to come: not sent by any source yet. A command that is sent goes from here. */
const toCome = new Set([
  'ses:DeleteSuppressedDestination',
  'ses:GetAccount',
  'ses:GetSuppressedDestination',
  'ses:ListEmailIdentities',
  'ses:ListSuppressedDestinations',
  'ses:PutSuppressedDestination',
  'ses:SendEmail',
])

describe('the operations in customers’ accounts', () => {
  test('are all that the code sends to SES, which is always a customer’s, and to customers’ topics', async () => {
    const listed = grants.flatMap(({ commands }) => commands)
    const sent = [...(await commandsSent('ses', 'client-sesv2')), ...(await commandsSent('sns', 'client-sns'))]
    expect(
      sent.filter((command) => !listed.includes(command) && !onOurTopics.has(command) && !withOurRole.has(command)),
    ).toEqual([])
  })

  test('are all sent by the code', async () => {
    const sent = [...(await commandsSent('ses', 'client-sesv2')), ...(await commandsSent('sns', 'client-sns'))]
    const unsent = grants.flatMap(({ commands }) => commands).filter((command) => !sent.includes(command))
    expect(unsent.filter((command) => !toCome.has(command))).toEqual([])
  })

  test('stand in the list once each', () => {
    const listed = grants.flatMap(({ commands }) => commands)
    expect(new Set(listed).size).toBe(listed.length)
  })
})
