import { gunzipSync } from 'node:zlib'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { ListSuppressedDestinationsCommand, PutSuppressedDestinationCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'
import { beforeAll, describe, expect, test } from 'vitest'
import { registerCheck } from '../../src/cli/check.ts'
import { registerForget } from '../../src/cli/forget.ts'
import { requestOperation } from '../../src/cli/invoke.ts'
import { registerList } from '../../src/cli/list.ts'
import { registerReconcile } from '../../src/cli/reconcile.ts'
import { registerRule } from '../../src/cli/rule.ts'
import { ErasureAnswer } from '../../src/operations/answers.ts'
import { dayMs } from '../../src/time.ts'
import { ACME, type ApiStack, apiStack, GLOBEX } from '../api/api-stack.ts'
import { operatorOf, run } from '../cli/operator.ts'
import { failure } from '../local/sign-in.ts'
import { sesEvent } from '../suppression/feedback.ts'

const person = 'person@example.com'
/** Contains the address of the person, and is somebody else. */
const other = 'a.person@example.com'
const tables = ['suppressions', 'projects', 'activity', 'sends']

let stack: ApiStack
beforeAll(async () => {
  // Few days of activity make few queries.
  stack = await apiStack({ env: { SESAME_ACTIVITY_DAYS: '1' } })
  await stack.connect('acme', ACME)
})

const forget = (...args: string[]) => run(stack.aws, registerForget, 'forget', ...args)
const check = (project: string, ...addresses: string[]) => run(stack.aws, registerCheck, 'check', project, ...addresses)

/** The first bytes of gzip, in Base64. */
const Compressed = v.object({ B: v.pipe(v.string(), v.startsWith('H4s')) })
/** Every item of every table as text, compressed answers too. */
async function everything(): Promise<string[]> {
  const items = (await Promise.all(tables.map((table) => stack.aws.dynamodb.items(`sesame-dev-${table}`)))).flat()
  return items.map((item) =>
    JSON.stringify(item, (_, value: unknown) =>
      v.is(Compressed, value) ? gunzipSync(Buffer.from(value.B, 'base64')).toString() : value,
    ).toLowerCase(),
  )
}
const itemsWith = async (address: string) =>
  (await everything()).filter((item) => item.replaceAll(other, address === other ? other : 'other').includes(address))

async function accountListOf(account: string): Promise<string[]> {
  const ses = new SESv2Client(stack.aws.clientConfig(stack.aws.credentials.root(account)))
  const { SuppressedDestinationSummaries = [] } = await ses.send(new ListSuppressedDestinationsCommand({}))
  return SuppressedDestinationSummaries.map(({ EmailAddress = '' }) => EmailAddress)
}

async function putOnAccountList(address: string) {
  const ses = new SESv2Client(stack.aws.clientConfig(stack.aws.credentials.root(ACME)))
  await ses.send(new PutSuppressedDestinationCommand({ EmailAddress: address, Reason: 'BOUNCE' }))
}

async function putLetter(queue: string, event: object) {
  const config = stack.aws.clientConfig(stack.aws.credentials.root(stack.aws.account))
  await new SQSClient(config).send(
    new SendMessageCommand({
      QueueUrl: `${config.endpoint}/${stack.aws.account}/sesame-dev-${queue}-dead-letters`,
      MessageBody: JSON.stringify({ Type: 'Notification', Message: JSON.stringify(event) }),
    }),
  )
}

const bounceEventOf = (...addresses: string[]) =>
  sesEvent({ kind: 'hard', addresses, at: stack.clock.now(), feedbackId: `f-${addresses.join()}` }, 'sesame-acme')

const putActivity = (address: string) =>
  stack.dynamodb.send(
    new PutItemCommand({
      TableName: 'sesame-dev-activity',
      Item: {
        bucket: { S: `acme#${stack.clock.now().toISOString().slice(0, 10)}#2` },
        event: { S: `0100-m#Delivery#${address}#` },
        type: { S: 'Delivery' },
        at: { S: stack.clock.now().toISOString() },
        nth: { N: '0' },
        address: { S: address },
      },
    }),
  )

/** Everything that Sesame stores about an address. */
async function fill(address: string): Promise<void> {
  const today = stack.clock.now().getTime()
  for (const days of [4, 2, 0]) await stack.bounce('acme', address, 'soft', new Date(today - days * dayMs))
  await stack.bounce('globex', address)
  await stack.rulings.suppress('globex', address, { at: stack.clock.now(), by: 'ann', why: 'asked' })
  await putActivity(address)
  await stack.call({
    path: '/projects/acme/suppressions/suppress',
    headers: { 'idempotency-key': `k-${address}` },
    body: { addresses: [`Jane <${address.toUpperCase()}>`], why: 'asked' },
  })
  await stack.aws.settled()
}

describe('sesame forget', () => {
  test('without --yes, forget shows what would be erased and changes nothing; with --yes, no table has the address', async () => {
    await fill(person)
    await fill(other)
    await putLetter('record-feedback', bounceEventOf(person))
    await putLetter('record-feedback', bounceEventOf(person, other))
    expect(await accountListOf(ACME)).toEqual(expect.arrayContaining([person, other]))
    const before = await everything()

    const shown = await forget('Person@Example.com')
    expect(await everything()).toEqual(before)
    expect(shown.printed).toMatch(/suppression list +acme +would be erased/)
    expect(shown.printed).toContain('Nothing was erased')

    const { printed } = await forget(person, '--yes', '--output', 'json')
    await stack.aws.settled()
    const rows = printed.split('\n').map((line) => JSON.parse(line))
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'suppression list', project: 'acme', outcome: 'erased' }),
        expect.objectContaining({ what: 'suppression list', project: 'globex', outcome: 'erased', items: 1 }),
        { what: 'expiries of suppressions', project: 'acme', outcome: 'erased', items: 1 },
        { what: 'activity', project: 'acme', outcome: 'erased', items: 1 },
        { what: 'answers to requests', project: 'acme', outcome: 'erased', items: 1 },
        { what: 'dead letters', outcome: 'erased', items: 1 },
        expect.objectContaining({ what: 'dead letter of record-feedback', outcome: 'expires by itself' }),
        expect.objectContaining({
          what: 'suppression list of the SES account',
          project: 'globex',
          outcome: 'not reached',
        }),
        expect.objectContaining({ what: 'backups of the tables', until: '2026-04-08T05:06:07.000Z' }),
      ]),
    )
    expect(await itemsWith(person)).toEqual([])
    // A control: the search finds what is stored, and the other person is untouched.
    expect((await itemsWith(other)).length).toBeGreaterThan(6)
    expect(await accountListOf(ACME)).toEqual([other])
    expect((await check('acme', person)).code).toBe(0)
    expect(stack.lines('forget-address').join('\n')).not.toContain('example.com')
  })

  test('subscribers are told nothing about an erased address', async () => {
    const types = stack.aws.eventbridge.events
      .filter(({ detail }) => JSON.stringify(detail).includes(`"${person}"`))
      .map((event) => event['detail-type'])
    // A control: they were told that it was suppressed.
    expect(types).toContain('Address Suppressed')
    expect(types).not.toContain('Address Reinstated')
  })

  test('a repetition of a request with an idempotency key gets its answer, without the erased address', async () => {
    const answer = await stack.call({
      path: '/projects/acme/suppressions/suppress',
      headers: { 'idempotency-key': `k-${person}` },
      body: { addresses: [`Jane <${person.toUpperCase()}>`], why: 'asked' },
    })
    expect(answer.headers['idempotent-replayed']).toBe('true')
    expect(answer.body).toMatchObject({ outcomes: [{ address: '(erased)', outcome: 'recorded' }] })
  })

  test('forgetting twice finds nothing', async () => {
    const { printed } = await forget(person, '--yes', '--output', 'csv')
    expect(printed).not.toMatch(/erased,[1-9]/)
    const { printed: ofNobody } = await forget('nobody@example.com', '--yes', '--output', 'csv')
    expect(ofNobody).toContain('all tables and dead letters,,erased,0,,nothing was found')
  })
})

describe('the hash of an erased address', () => {
  test('a kept hash refuses mail to every spelling of the address, and to no other, until it is reinstated', async () => {
    await stack.bounce('acme', 'gone@example.com')
    await forget('gone@example.com', '--keep-hash', '--yes')
    await stack.aws.settled()
    stack.clock.advance(60_000)
    expect(await itemsWith('gone@example.com')).toEqual([])

    const checked = await stack.call({
      path: '/projects/acme/suppressions/check',
      body: { addresses: ['Gone@EXAMPLE.com', 'gone@example.org'] },
    })
    expect(checked.body.outcomes).toMatchObject([{ state: 'refused', reason: 'erased' }, { state: 'allowed' }])
    const sent = await stack.call({
      path: '/projects/acme/messages',
      headers: { 'idempotency-key': 'to-gone' },
      body: { from: 'hello@acme.example', to: ['gone@example.com'], subject: 'Hi', text: 'Hi' },
    })
    expect(sent.body.outcomes).toMatchObject([{ state: 'refused', reason: 'erased' }])
    const { body } = await stack.call({
      path: '/projects/acme/suppressions/lookup',
      body: { address: 'gone@example.com' },
    })
    expect(body).toMatchObject({ state: 'suppressed', reason: 'erased', evidence: [] })
    const inCli = await check('acme', 'gone@example.com', 'gone@example.org')
    expect(inCli.code).toBe(3)
    expect(inCli.printed).toContain('gone@example.com: erased from acme at 2026-03-04')
    expect(inCli.printed).toContain('gone@example.org: may be mailed')
    expect((await run(stack.aws, registerList, 'list', 'acme', '--all')).printed).not.toContain('hash#')

    await run(stack.aws, registerRule, 'reinstate', 'acme', 'gone@example.com', '--why', 'asked for mail again')
    expect((await check('acme', 'gone@example.com')).code).toBe(0)
    const again = await stack.call({
      path: '/projects/acme/suppressions/check',
      body: { addresses: ['gone@example.com'] },
    })
    expect(again.body.outcomes).toMatchObject([{ state: 'allowed' }])
  })

  test('with --keep-account-lists, SES goes on refusing mail, and the reconcile leaves the entry as it is', async () => {
    await stack.bounce('acme', 'kept@example.com')
    await forget('kept@example.com', '--keep-hash', '--keep-account-lists', '--yes')
    await stack.aws.settled()
    expect(await accountListOf(ACME)).toContain('kept@example.com')
    await run(stack.aws, registerReconcile, 'reconcile', 'acme')
    expect(await accountListOf(ACME)).toContain('kept@example.com')
    expect(await itemsWith('kept@example.com')).toEqual([])
  })

  test('an entry that could not be taken off the account list is removed by the next reconcile, not brought back', async () => {
    await stack.bounce('acme', 'late@example.com')
    await forget('late@example.com', '--yes')
    await stack.aws.settled()
    // As if the removal had failed: the entry is not newer than the erasure.
    await putOnAccountList('late@example.com')
    await run(stack.aws, registerReconcile, 'reconcile', 'acme')
    expect(await accountListOf(ACME)).not.toContain('late@example.com')
    expect(await itemsWith('late@example.com')).toEqual([])

    // A control: an entry that is newer than the erasure is news.
    stack.clock.advance(3 * 3_600_000)
    await putOnAccountList('late@example.com')
    await run(stack.aws, registerReconcile, 'reconcile', 'acme')
    expect(await itemsWith('late@example.com')).not.toEqual([])
  })

  test('a second erasure without --keep-hash removes the hash, too', async () => {
    await forget('kept@example.com', '--yes')
    await stack.aws.settled()
    expect((await check('acme', 'kept@example.com')).code).toBe(0)
  })
})

describe('forget-address', () => {
  test('a list of a removed project is erased, too', async () => {
    await stack.projects.add({ id: 'initech', account: GLOBEX, configurationSets: ['sesame-initech'] }, stack.context)
    await stack.bounce('initech', person)
    await stack.projects.remove('initech', stack.context)
    const { printed } = await forget(person, '--yes', '--output', 'csv')
    expect(printed).toContain('suppression list,initech,erased,1')
    expect(await itemsWith(person)).toEqual([])
  })

  test('a request to keep entries of account lists without a hash is refused', async () => {
    const operator = await operatorOf(stack.aws)
    const request = { do: 'erase', by: 'ann', address: person, accountList: 'keep' }
    const error = await failure(requestOperation(operator, 'forget-address', request, ErasureAnswer))
    expect(error.message).toContain('Entries of account lists can be kept with a hash only')
    await expect(forget(person, '--keep-account-lists')).rejects.toThrow('--keep-account-lists needs --keep-hash')
  })
})
