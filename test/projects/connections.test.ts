import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Connection, NotConnectedError, QuarantinedError } from '../../src/projects/connection.ts'
import { RoleArnError } from '../../src/projects/role-arn.ts'
import { SettingsBusyError } from '../../src/projects/transaction.ts'
import { ACME, contextAt, GLOBEX, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let stack: SettingsTable
let context: ReturnType<typeof contextAt>
beforeEach(async () => {
  stack = await settingsTable()
  context = contextAt(stack.clock.now())
  await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, context)
  await stack.projects.add({ id: 'globex', account: GLOBEX }, context)
})

const minute = (count: number) => new Date(Date.UTC(2026, 2, 5, 0, count))
const attached = async (project = 'acme', account = ACME): Promise<Connection> => {
  const connection = await stack.connections.connect(settingsOf(project, account), context)
  return stack.connections.attach(connection, roleArnIn(account, `sesame-${project}`), minute(0), context)
}
const itemsOf = async (prefix: string) => (await stack.items()).filter(({ id }) => String(id?.S).startsWith(prefix))

describe('connect', () => {
  test('connect makes an external id, claims the route of the configuration set, and waits for the proof', async () => {
    const connection = await stack.connections.connect(settingsOf('acme'), context)
    expect(connection).toEqual({
      project: 'acme',
      account: ACME,
      region: 'us-east-1',
      externalId: expect.stringMatching(/^[0-9a-f]{32}$/),
      topics: 'ours',
      features: ['reading', 'suppression', 'sending', 'configuration', 'inspection'],
      state: 'waiting',
      connectedAt: context.at,
      revision: expect.any(String),
    })
    expect(await stack.connections.find('acme')).toEqual(connection)
    expect(await itemsOf('external-id#')).toEqual([
      { id: { S: `external-id#${connection.externalId}` }, facet: { S: 'owner' }, project: { S: 'acme' } },
    ])
    expect((await itemsOf(`route#${ACME}`)).map(({ facet }) => facet?.S)).toEqual(['marketing', 'sesame-acme'])
  })

  test('connect is idempotent and returns the same external id', async () => {
    const { externalId } = await stack.connections.connect(settingsOf('acme'), context)
    const stored = await stack.stored()
    expect((await stack.connections.connect(settingsOf('acme'), context)).externalId).toBe(externalId)
    expect(await stack.stored()).toBe(stored)
  })

  test('twenty concurrent calls of connect make one external id', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, () => stack.connections.connect(settingsOf('acme'), context)),
    )
    expect(new Set(made.map(({ externalId }) => externalId)).size).toBe(1)
    expect(await itemsOf('external-id#')).toHaveLength(1)
  })

  test('connect with other settings keeps the external id and the role, and requires a new proof', async () => {
    const before = await attached()
    const after = await stack.connections.connect({ ...settingsOf('acme'), features: ['suppression'] }, context)
    expect(after).toMatchObject({ externalId: before.externalId, roleArn: before.roleArn, state: 'waiting' })
    expect(after.features).toEqual(['reading', 'suppression'])
    expect(after.revision).not.toBe(before.revision)
  })

  test.each([
    ['an account that is not that of the project', settingsOf('acme', GLOBEX), /^account is not that of project acme/],
    ['a project that does not exist', settingsOf('initech'), /^account .* there is no such project/],
    ['a region that does not exist', { ...settingsOf('acme'), region: 'moon' }, /^region must be/],
  ])('connect refuses %s and changes nothing', async (_, settings, why) => {
    const stored = await stack.stored()
    await expect(stack.connections.connect(settings, context)).rejects.toThrow(why)
    expect(await stack.stored()).toBe(stored)
  })

  test('an unproven project that has the route of a configuration set keeps its owner out of nothing', async () => {
    await stack.projects.add({ id: 'other', account: ACME, configurationSets: ['billing'] }, context)
    const { dynamodb, table } = stack
    const { PutItemCommand } = await import('@aws-sdk/client-dynamodb')
    const Item = { id: { S: `route#${ACME}` }, facet: { S: 'sesame-acme' }, project: { S: 'other' } }
    await dynamodb.send(new PutItemCommand({ TableName: table, Item }))
    const connection = await stack.connections.connect(settingsOf('acme'), context)
    await stack.connections.attach(connection, roleArnIn(ACME), stack.clock.now(), context)
    const route = (await stack.items()).find(({ id, facet }) => id?.S === `route#${ACME}` && facet?.S === 'sesame-acme')
    expect(route?.project?.S).toBe('acme')
  })
})

describe('usable', () => {
  test('usable refuses a project without a connection', async () => {
    await expect(stack.connections.usable('acme')).rejects.toThrow(NotConnectedError)
    await expect(stack.connections.usable('acme')).rejects.toThrow('Project acme is not connected')
  })

  test('usable refuses a connection that was never proven', async () => {
    await stack.connections.connect(settingsOf('acme'), context)
    await expect(stack.connections.usable('acme')).rejects.toThrow('was never proven')
  })

  test('usable refuses a connection whose settings changed since the proof', async () => {
    await attached()
    await stack.connections.connect({ ...settingsOf('acme'), features: ['sending'] }, context)
    await expect(stack.connections.usable('acme')).rejects.toThrow('was never proven')
  })

  test('usable refuses a quarantined connection, and says since when and why', async () => {
    await stack.proofs.record(
      await attached(),
      { at: minute(1), why: 'let in without an external id', report: [] },
      context,
    )
    await expect(stack.connections.usable('acme')).rejects.toThrow(QuarantinedError)
    await expect(stack.connections.usable('acme')).rejects.toThrow(
      'since 2026-03-05T00:01:00.000Z: let in without an external id',
    )
  })

  test('usable returns a proven connection', async () => {
    const { externalId } = await attached()
    expect(await stack.connections.usable('acme')).toMatchObject({
      externalId,
      roleArn: roleArnIn(ACME),
      state: 'proven',
    })
  })
})

describe('attach', () => {
  test('a role ARN of another project is refused, both before the proof and when it is stored', async () => {
    await stack.projects.add({ id: 'rival', account: ACME, configurationSets: ['rival'] }, context)
    const { roleArn = '' } = await attached()
    const rival = await stack.connections.connect(settingsOf('rival'), context)
    const stored = await stack.stored()
    const theirs = roleArnIn(ACME, 'sesame-acme')
    expect(theirs).toBe(roleArn)
    await expect(stack.connections.refuseForeign('rival', theirs)).rejects.toThrow(RoleArnError)
    await expect(stack.connections.attach(rival, theirs, minute(1), context)).rejects.toThrow('of another project')
    // The refusal does not name the other project.
    await expect(stack.connections.attach(rival, theirs, minute(1), context)).rejects.toThrow(/^((?!acme).)*$/s)
    expect(await stack.stored()).toBe(stored)
  })

  test('role ARNs that differ only in case count as the same, as in IAM', async () => {
    await stack.projects.add({ id: 'rival', account: ACME, configurationSets: ['rival'] }, context)
    await attached()
    const rival = await stack.connections.connect(settingsOf('rival'), context)
    await expect(stack.connections.attach(rival, roleArnIn(ACME, 'SESAME-ACME'), minute(1), context)).rejects.toThrow(
      'of another project',
    )
  })

  test('a role that was replaced can be attached to another project', async () => {
    await stack.projects.add({ id: 'rival', account: ACME, configurationSets: ['rival'] }, context)
    const connection = await attached()
    await stack.connections.attach(connection, roleArnIn(ACME, 'another'), minute(1), context)
    const rival = await stack.connections.connect(settingsOf('rival'), context)
    await stack.connections.attach(rival, roleArnIn(ACME, 'sesame-acme'), minute(1), context)
    expect((await itemsOf('role-arn#')).map(({ project }) => project?.S).sort()).toEqual(['acme', 'rival'])
  })

  test('attach stores nothing if the connection has changed since the proof', async () => {
    const connection = await stack.connections.connect(settingsOf('acme'), context)
    await stack.connections.rotate('acme', context)
    const stored = await stack.stored()
    await expect(stack.connections.attach(connection, roleArnIn(ACME), minute(1), context)).rejects.toThrow(
      SettingsBusyError,
    )
    expect(await stack.stored()).toBe(stored)
  })
})

describe('rotate and retire', () => {
  test('rotate adds a second external id, and the first stays until it is retired', async () => {
    const before = await attached()
    const during = await stack.connections.rotate('acme', context)
    expect(during.externalId).toBe(before.externalId)
    expect(during.nextExternalId).toMatch(/^[0-9a-f]{32}$/)
    expect(during.state).toBe('proven')
    expect(await itemsOf('external-id#')).toHaveLength(2)
    const after = await stack.connections.retire(during, context)
    expect(after.externalId).toBe(during.nextExternalId)
    expect(after).not.toHaveProperty('nextExternalId')
    expect((await itemsOf('external-id#')).map(({ id }) => id?.S)).toEqual([`external-id#${after.externalId}`])
  })

  test('rotate and retire are idempotent', async () => {
    await attached()
    const during = await stack.connections.rotate('acme', context)
    const stored = await stack.stored()
    expect((await stack.connections.rotate('acme', context)).nextExternalId).toBe(during.nextExternalId)
    expect(await stack.stored()).toBe(stored)
    await stack.connections.retire(during, context)
    const retired = await stack.stored()
    await stack.connections.retire(during, context)
    expect(await stack.stored()).toBe(retired)
  })

  test('retire does not retire the external id of a later rotation', async () => {
    await attached()
    const first = await stack.connections.rotate('acme', context)
    await stack.connections.retire(first, context)
    const second = await stack.connections.rotate('acme', context)
    expect(await stack.connections.retire(first, context)).toMatchObject({
      externalId: first.nextExternalId,
      nextExternalId: second.nextExternalId,
    })
  })

  test('rotate refuses a project that is not connected', async () => {
    await expect(stack.connections.rotate('globex', context)).rejects.toThrow(NotConnectedError)
  })
})

describe('disconnect', () => {
  test('disconnect deletes external ids, role and route, and keeps the settings and other routes of the project', async () => {
    await attached()
    await stack.connections.rotate('acme', context)
    expect(await stack.connections.disconnect('acme', context)).toMatchObject({ project: 'acme' })
    expect(await stack.connections.find('acme')).toBeUndefined()
    expect(await itemsOf('external-id#')).toEqual([])
    expect(await itemsOf('role-arn#')).toEqual([])
    expect((await itemsOf(`route#${ACME}`)).map(({ facet }) => facet?.S)).toEqual(['marketing'])
    expect(await stack.projects.find('acme')).toMatchObject({ configurationSets: ['marketing'] })
  })

  test('disconnect is idempotent, and the next connect makes another external id and requires a proof', async () => {
    const { externalId } = await attached()
    await stack.connections.disconnect('acme', context)
    const stored = await stack.stored()
    expect(await stack.connections.disconnect('acme', context)).toBeUndefined()
    expect(await stack.stored()).toBe(stored)
    const again = await stack.connections.connect(settingsOf('acme'), context)
    expect(again.externalId).not.toBe(externalId)
    expect(again).toMatchObject({ state: 'waiting' })
    expect(again).not.toHaveProperty('roleArn')
  })
})

test('the history holds every change with its author, time and kind, and no external id', async () => {
  await attached()
  await stack.connections.useTopics('acme', 'customer', context)
  const during = await stack.connections.rotate('acme', context)
  await stack.connections.retire(during, context)
  await stack.connections.disconnect('acme', context)
  const changes = await stack.changes('acme')
  expect(changes.map(({ what }) => what).sort()).toEqual([
    'connected',
    'disconnected',
    'external id retired',
    'external id rotated',
    'project added',
    'role attached',
    'topics changed',
  ])
  for (const change of changes) expect(change).toMatchObject({ by: 'ann', request: 'b5c1c0de', at: context.at })
  const text = JSON.stringify(changes)
  expect(text).not.toContain(during.externalId)
  expect(text).not.toContain(during.nextExternalId)
})

test('allConnections finds all connections, and only connections', async () => {
  await attached()
  await attached('globex', GLOBEX)
  await stack.projects.add({ id: 'initech', account: ACME, configurationSets: ['initech'] }, context)
  expect((await stack.connections.all()).map(({ project }) => project).sort()).toEqual(['acme', 'globex'])
})

test('allConnections finds the other connections when one cannot be read, and names it', async () => {
  await attached()
  await attached('globex', GLOBEX)
  await stack.dynamodb.send(
    new UpdateItemCommand({
      TableName: stack.table,
      Key: { id: { S: 'acme' }, facet: { S: 'connection' } },
      UpdateExpression: 'SET topics = :topics',
      ExpressionAttributeValues: { ':topics': { S: 'of a newer version' } },
    }),
  )
  expect((await stack.connections.all()).map(({ project }) => project)).toEqual(['globex'])
  expect(stack.unreadable).toEqual(['acme'])
})

test('a connection with a feature of a newer version is read without it', async () => {
  await attached()
  await stack.dynamodb.send(
    new UpdateItemCommand({
      TableName: stack.table,
      Key: { id: { S: 'acme' }, facet: { S: 'connection' } },
      UpdateExpression: 'SET features = :features',
      ExpressionAttributeValues: { ':features': { SS: ['reading', 'forecasting'] } },
    }),
  )
  expect((await stack.connections.find('acme'))?.features).toEqual(['reading'])
})
