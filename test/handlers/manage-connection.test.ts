import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { manage } from '../../src/cli/invoke.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import { operatorOf } from '../cli/operator.ts'
import { assume } from '../local/sign-in.ts'

const account = '111122223333'
const table = 'sesame-dev-projects'

let aws: Aws
let operator: StackAccess
beforeEach(async () => {
  aws = await startAws()
  operator = await operatorOf(aws)
})

const ask = (request: { readonly do: string; readonly [field: string]: unknown }) =>
  manage(operator, { by: 'ann', ...request }, v.unknown())
const stored = async () => JSON.stringify(await aws.dynamodb.items(table))
const logged = () => aws.lambda.logLines('sesame-dev-manage-connection')
const Connected = v.object({
  connection: v.object({ externalId: v.string(), nextExternalId: v.optional(v.string()), state: v.string() }),
})

describe('manage-connection', () => {
  test('connect adds the project with a connection that waits for its proof, and disconnect and remove-project undo that', async () => {
    await ask({ do: 'connect', project: 'acme', account })
    expect(await operator.projects.find('acme')).toMatchObject({ account, configurationSets: ['sesame-acme'] })
    expect(await operator.connections.find('acme')).toMatchObject({
      state: 'waiting',
      region: 'us-east-1',
      topics: 'ours',
    })
    expect(await ask({ do: 'disconnect', project: 'acme' })).toMatchObject({ disconnected: true })
    expect(await ask({ do: 'remove-project', project: 'acme' })).toEqual({ removed: true })
    expect(await operator.projects.all()).toEqual([])
  })

  test('connect returns the same external id however often it is repeated, and rotate adds a second one', async () => {
    const first = v.parse(Connected, await ask({ do: 'connect', project: 'acme', account }))
    const second = v.parse(Connected, await ask({ do: 'connect', project: 'acme', account, topics: 'ours' }))
    expect(second.connection.externalId).toBe(first.connection.externalId)
    const rotated = v.parse(Connected, await ask({ do: 'rotate', project: 'acme' }))
    expect(rotated.connection.externalId).toBe(first.connection.externalId)
    expect(rotated.connection.nextExternalId).toMatch(/^[0-9a-f]{32}$/)
  })

  test('each change is stored with the person who requested it and the request id of the invocation', async () => {
    await ask({ do: 'connect', project: 'acme', account, by: "Ann O'Nym" })
    const changes = await Array.fromAsync(operator.changes.of('acme'))
    expect(changes.map(({ what }) => what).sort()).toEqual(['connected', 'project added'])
    for (const { by, request } of changes) {
      expect(by).toBe("Ann O'Nym")
      expect(aws.lambda.attempts.map(({ requestId }) => requestId)).toContain(request)
    }
  })

  test.each([
    [
      'an external id',
      { do: 'connect', project: 'acme', account, externalId: 'chosen-by-me' },
      /^externalId is never accepted/,
    ],
    [
      'an external id by another name',
      { do: 'rotate', project: 'acme', next_external_id: 'chosen-by-me' },
      /never accepted/,
    ],
    [
      'an external id deep inside',
      { do: 'connect', project: 'acme', account, more: [{ ExternalId: 'chosen-by-me' }] },
      /^more\.0\.ExternalId/,
    ],
    [
      'an unknown field',
      { do: 'connect', project: 'acme', account, roleArn: 'chosen-by-me' },
      /^roleArn is not a known field/,
    ],
    ['a state', { do: 'connect', project: 'acme', account, state: 'proven' }, /^state is not a known field/],
    ['an unknown operation', { do: 'constructor', project: 'acme' }, /^do must be one of add-project, /],
    ['no account', { do: 'connect', project: 'acme' }, /^account is missing/],
    [
      'an account that is not a number',
      { do: 'connect', project: 'acme', account: 'chosen-by-me' },
      /^account must be an AWS account id/,
    ],
    [
      'our own account',
      { do: 'connect', project: 'acme', account: '123456789012' },
      /^account is the account of Sesame itself/,
    ],
    [
      'a region without our topics',
      { do: 'connect', project: 'acme', account, region: 'eu-west-1' },
      /^region is not us-east-1/,
    ],
    [
      'a region of another partition',
      { do: 'connect', project: 'acme', account, region: 'cn-north-1', topics: 'customer' },
      /^region is not in the partition aws/,
    ],
    ['a malformed project name', { do: 'connect', project: 'chosen#by-me', account }, /^project must be/],
    [
      'an unknown owner of topics',
      { do: 'connect', project: 'acme', account, topics: 'chosen-by-me' },
      /^topics must be/,
    ],
    ['no feature', { do: 'connect', project: 'acme', account, features: [] }, /^features must name at least one/],
    ['a name of two lines', { do: 'connect', project: 'acme', account, by: 'ann\nroot' }, /^by must be a name/],
  ])('manage-connection refuses %s, repeats no part of it and changes nothing', async (_, request, why) => {
    const before = await stored()
    await expect(ask(request)).rejects.toThrow(why)
    await expect(ask(request)).rejects.toThrow(/^((?!chosen).)*$/s)
    expect(await stored()).toBe(before)
    expect(logged().join()).not.toMatch(/chosen/)
  })

  test('another region is accepted if the topics belong to the customer', async () => {
    await ask({ do: 'connect', project: 'acme', account, region: 'eu-west-1', topics: 'customer' })
    expect(await operator.connections.find('acme')).toMatchObject({ region: 'eu-west-1', topics: 'customer' })
    // A setting that the request omits keeps its value.
    await ask({ do: 'connect', project: 'acme', account, features: ['suppression'] })
    expect(await operator.connections.find('acme')).toMatchObject({ region: 'eu-west-1', topics: 'customer' })
  })

  test('manage-connection logs operation, project and outcome of each request, and no external id', async () => {
    const { connection } = v.parse(Connected, await ask({ do: 'connect', project: 'acme', account }))
    await ask({ do: 'remove-project', project: 'acme' }).catch(() => undefined)
    const lines = logged().map((line) => JSON.parse(line))
    expect(lines).toEqual([
      { operation: 'connect', project: 'acme', outcome: 'done' },
      { operation: 'remove-project', project: 'acme', outcome: 'refused', error: 'ProjectSettingsError' },
    ])
    expect(logged().join()).not.toContain(connection.externalId)
  })

  test('the caller gets an error if the table fails', async () => {
    aws.dynamodb.failWrites(1, 'before', table)
    await expect(ask({ do: 'add-project', project: 'acme', account })).rejects.toThrow('manage-connection failed')
  })

  test('a repeated connect completes a request that failed halfway', async () => {
    for (const when of ['before', 'after'] as const) {
      aws.dynamodb.failWrites(1, when, table)
      await expect(ask({ do: 'connect', project: `acme-${when}`, account })).rejects.toThrow('failed')
      const { connection } = v.parse(Connected, await ask({ do: 'connect', project: `acme-${when}`, account }))
      expect(connection.state).toBe('waiting')
    }
    const ids = (await aws.dynamodb.items(table)).filter(({ id }) => String(id?.S).startsWith('external-id#'))
    expect(ids).toHaveLength(2)
  })
})

describe('the roles', () => {
  test('the operator’s role may change projects through the function but not write to the table', async () => {
    await ask({ do: 'add-project', project: 'acme', account })
    const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-operator`
    const session = await assume(aws, aws.credentials.root(aws.account), { RoleArn })
    const client = new DynamoDBClient(aws.clientConfig(session))
    const Key = { id: { S: 'acme' }, facet: { S: 'settings' } }
    const before = await stored()
    await expect(client.send(new PutItemCommand({ TableName: table, Item: Key }))).rejects.toThrow(/not authorized/)
    await expect(client.send(new UpdateItemCommand({ TableName: table, Key }))).rejects.toThrow(/not authorized/)
    await expect(client.send(new DeleteItemCommand({ TableName: table, Key }))).rejects.toThrow(/not authorized/)
    await expect(client.send(new ScanCommand({ TableName: table }))).rejects.toThrow(/not authorized/)
    expect(await stored()).toBe(before)
  })

  test('the role of manage-connection may write only in transactions, and to no other table', async () => {
    const role = aws.functions.get('manage-connection')?.roleArn ?? ''
    const session = await aws.assumeAsService('lambda.amazonaws.com', role, 'test')
    const client = new DynamoDBClient(aws.clientConfig(session))
    const Item = { id: { S: 'acme' }, facet: { S: 'settings' } }
    await expect(client.send(new PutItemCommand({ TableName: table, Item }))).rejects.toThrow(/not authorized/)
    await expect(client.send(new DeleteItemCommand({ TableName: table, Key: Item }))).rejects.toThrow(/not authorized/)
    await expect(client.send(new ScanCommand({ TableName: table }))).rejects.toThrow(/not authorized/)
    await expect(
      client.send(
        new UpdateItemCommand({
          TableName: 'sesame-dev-suppressions',
          Key: { project: { S: 'acme' }, address: { S: 'ann@example.com' } },
        }),
      ),
    ).rejects.toThrow(/not authorized/)
  })
})
