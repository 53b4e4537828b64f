import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createInProcessFetch } from '../../local/in-process-fetch.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { createSesame } from '../../src/client/client.ts'
import { ACME, type ApiStack, apiStack } from '../api/api-stack.ts'
import { operatorOf, run } from './operator.ts'

let stack: ApiStack
const folder = mkdtempSync(join(tmpdir(), 'sesame-cli-'))
const file = join(folder, 'shipped.hbs')
beforeAll(async () => {
  stack = await apiStack()
  await stack.connect('acme', ACME)
  writeFileSync(file, '{{#each items}}- {{this}}\n{{/each}}')
})
const sesame = async (...args: string[]) => {
  stack.clock.advance(2_000)
  return run(stack.aws, registerCommands, ...args)
}
const account = () => stack.aws.ses.account(ACME)

describe('sesame templates', () => {
  test('a template is put, listed, shown, rendered and deleted', async () => {
    expect((await sesame('templates', 'list', 'acme')).printed).toMatch(/^Project acme has no template/)
    const put = await sesame('templates', 'put', 'acme', 'shipped', '--subject', 'Order {{order}}', '--text', file)
    expect(put.printed).toBe('The template shipped was created')
    expect((await sesame('templates', 'list', 'acme')).printed).toMatch(/^template +created\s+shipped +2026-/)
    expect((await sesame('templates', 'show', 'acme', 'shipped')).printed).toContain('Subject: Order {{order}}')
    const rendered = await sesame('templates', 'render', 'acme', 'shipped', '--data', '{"order":1,"items":["Lamp"]}')
    expect(rendered.printed).toMatch(/Subject: Order 1\n(.*\n)*- Lamp/)
    expect((await sesame('templates', 'delete', 'acme', 'shipped', '--yes')).ok).toBe(true)
    await expect(sesame('templates', 'show', 'acme', 'shipped')).rejects.toThrow(/Sesame answered 404.*GET templates/)
  })

  test('a deletion without --yes deletes nothing when nobody can be asked', async () => {
    await expect(sesame('templates', 'delete', 'acme', 'x')).rejects.toThrow(/add --yes/)
  })

  test.each([
    [['put', 'acme', 'x', '--subject', 'x'], /Give --text, --html or both/],
    [['render', 'acme', 'x', '--data', '[1]'], /Give a JSON object/],
    [['render', 'acme', 'x', '--data', '{'], /Give a JSON object/],
  ])('%j is refused as a wrong use', async (args, message) => {
    await expect(sesame('templates', ...args)).rejects.toThrow(message)
  })

  test('a template as JSON and CSV', async () => {
    await sesame('templates', 'put', 'acme', 'shipped', '--subject', 'x', '--html', file)
    const json = await sesame('templates', 'show', 'acme', 'shipped', '--output', 'json')
    expect(JSON.parse(json.printed)).toMatchObject({ template: 'shipped', subject: 'x' })
    const csv = await sesame('templates', 'list', 'acme', '--output', 'csv')
    expect(csv.printed).toMatch(/^template,created\nshipped,2026-/)
  })
})

describe('sesame identities', () => {
  test('a new domain is shown with its records until SES has found them', async () => {
    account().found = new Set()
    const added = await sesame('identities', 'add', 'acme', 'news.acme.example')
    expect(added.printed).toMatch(
      /^news.acme.example may not send yet \(pending, HOST_NOT_FOUND\)\nDKIM: pending\n- Publish/,
    )
    expect(added.printed.match(/^CNAME .*missing$/gm)).toHaveLength(3)
    expect((await sesame('identities', 'show', 'acme', 'news.acme.example')).code).toBe(3)
    account().found = 'all'
    const shown = await sesame('identities', 'show', 'acme', 'news.acme.example')
    expect([shown.code, shown.printed.split('\n')[0]]).toEqual([0, 'news.acme.example may send (verified)'])
    expect((await sesame('identities', 'list', 'acme')).printed).toMatch(/news\.acme\.example +domain +yes +verified/)
  })

  test('a MAIL FROM domain is set and removed', async () => {
    const set = await sesame(
      'identities',
      'mail-from',
      'acme',
      'acme.example',
      'bounce.acme.example',
      '--reject-if-missing',
    )
    expect(set.printed).toContain('MAIL FROM: bounce.acme.example, verified')
    expect(account().identities.get('acme.example')?.mailFrom?.onMxFailure).toBe('REJECT_MESSAGE')
    expect((await sesame('identities', 'mail-from', 'acme', 'acme.example')).printed).not.toContain('MAIL FROM')
  })
})

test('the role of the operator manages templates by the API, and is refused to send or to read the list by it', async () => {
  const operator = await operatorOf(stack.aws)
  const api = await operator.api('acme')
  expect(await Array.fromAsync(api.templates.list())).toHaveLength(1)
  await expect(api.check(['a@example.com'])).rejects.toThrow(/Sesame answered 403/)
  const message = { from: 'hello@acme.example', to: ['a@example.com'], subject: 'x', text: 'x' }
  await expect(api.send(message)).rejects.toThrow(/Sesame answered 403/)
  // The control: an application of the project may.
  const fetch = createInProcessFetch(stack.aws.handle)
  const application = createSesame({
    project: 'acme',
    endpoint: 'http://sesame.localhost:4566',
    region: 'us-east-1',
    credentials: stack.acmeApp,
    fetch,
  })
  expect((await application.send(message)).outcomes).toMatchObject([{ state: 'sent' }])
})
