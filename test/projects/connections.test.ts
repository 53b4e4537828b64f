import { beforeEach, describe, expect, test } from 'vitest'
import { type Connection, NotConnectedError, QuarantinedError } from '../../src/projects/connection.ts'
import { RoleArnError } from '../../src/projects/role-arn.ts'
import { SettingsBusyError } from '../../src/projects/transaction.ts'
import { ACME, GLOBEX, occasion, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let at: SettingsTable
let by: ReturnType<typeof occasion>
beforeEach(async () => {
  at = await settingsTable()
  by = occasion(at.clock.now())
  await at.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, by)
  await at.projects.add({ id: 'globex', account: GLOBEX }, by)
})

const minute = (count: number) => new Date(Date.UTC(2026, 2, 5, 0, count))
const attached = async (project = 'acme', account = ACME): Promise<Connection> => {
  const connection = await at.connections.connect(settingsOf(project, account), by)
  return at.connections.attach(connection, roleArnIn(account, `sesame-${project}`), minute(0), by)
}
const itemsOf = async (prefix: string) => (await at.items()).filter(({ id }) => String(id?.S).startsWith(prefix))

describe('connecting a project', () => {
  test('makes an external id, takes the route of its configuration set, and waits for the proof', async () => {
    const connection = await at.connections.connect(settingsOf('acme'), by)
    expect(connection).toEqual({
      project: 'acme',
      account: ACME,
      region: 'us-east-1',
      externalId: expect.stringMatching(/^[0-9a-f]{32}$/),
      topics: 'ours',
      features: ['reading', 'suppression', 'sending', 'configuration'],
      state: 'waiting',
      revision: expect.any(String),
    })
    expect(await at.connections.find('acme')).toEqual(connection)
    expect(await itemsOf('external-id#')).toEqual([
      { id: { S: `external-id#${connection.externalId}` }, facet: { S: 'owner' }, project: { S: 'acme' } },
    ])
    expect((await itemsOf(`route#${ACME}`)).map(({ facet }) => facet?.S)).toEqual(['marketing', 'sesame-acme'])
  })

  test('again answers the same external id and changes nothing', async () => {
    const { externalId } = await at.connections.connect(settingsOf('acme'), by)
    const stored = await at.stored()
    expect((await at.connections.connect(settingsOf('acme'), by)).externalId).toBe(externalId)
    expect(await at.stored()).toBe(stored)
  })

  test('twenty times at once makes one external id', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => at.connections.connect(settingsOf('acme'), by)))
    expect(new Set(made.map(({ externalId }) => externalId)).size).toBe(1)
    expect(await itemsOf('external-id#')).toHaveLength(1)
  })

  test('with other settings keeps id and role, and has it proven again', async () => {
    const before = await attached()
    const after = await at.connections.connect({ ...settingsOf('acme'), features: ['suppression'] }, by)
    expect(after).toMatchObject({ externalId: before.externalId, roleArn: before.roleArn, state: 'waiting' })
    expect(after.features).toEqual(['reading', 'suppression'])
    expect(after.revision).not.toBe(before.revision)
  })

  test.each([
    ['an account that is not the project’s', settingsOf('acme', GLOBEX), /^account is not that of project acme/],
    ['a project that there is none of', settingsOf('initech'), /^account .* there is no such project/],
    ['a region that is none', { ...settingsOf('acme'), region: 'moon' }, /^region must be/],
  ])('is refused with %s, and changes nothing', async (_, settings, why) => {
    const stored = await at.stored()
    await expect(at.connections.connect(settings, by)).rejects.toThrow(why)
    expect(await at.stored()).toBe(stored)
  })

  test('is refused while another project has its route', async () => {
    await at.projects.add({ id: 'other', account: ACME, configurationSets: ['billing'] }, by)
    const { dynamodb, table } = at
    const { PutItemCommand } = await import('@aws-sdk/client-dynamodb')
    const Item = { id: { S: `route#${ACME}` }, facet: { S: 'sesame-acme' }, project: { S: 'other' } }
    await dynamodb.send(new PutItemCommand({ TableName: table, Item }))
    await expect(at.connections.connect(settingsOf('acme'), by)).rejects.toThrow('has sesame-acme in another project')
    expect(await at.connections.find('acme')).toBeUndefined()
  })
})

describe('a connection that may not be used', () => {
  test('is one that there is none of', async () => {
    await expect(at.connections.usable('acme')).rejects.toThrow(NotConnectedError)
    await expect(at.connections.usable('acme')).rejects.toThrow('Project acme is not connected')
  })

  test('is one that was never proven', async () => {
    await at.connections.connect(settingsOf('acme'), by)
    await expect(at.connections.usable('acme')).rejects.toThrow('was never proven')
  })

  test('is one whose settings changed since it was proven', async () => {
    await attached()
    await at.connections.connect({ ...settingsOf('acme'), features: ['sending'] }, by)
    await expect(at.connections.usable('acme')).rejects.toThrow('was never proven')
  })

  test('is one in quarantine, which says since when and why', async () => {
    await at.proofs.record(await attached(), { at: minute(1), why: 'let in without an external id', report: [] }, by)
    await expect(at.connections.usable('acme')).rejects.toThrow(QuarantinedError)
    await expect(at.connections.usable('acme')).rejects.toThrow(
      'since 2026-03-05T00:01:00.000Z: let in without an external id',
    )
  })

  test('is none that was proven', async () => {
    const { externalId } = await attached()
    expect(await at.connections.usable('acme')).toMatchObject({ externalId, roleArn: roleArnIn(ACME), state: 'proven' })
  })
})

describe('the role of a connection', () => {
  test('of another project is refused by whoever has it, and before anybody has tried it', async () => {
    await at.projects.add({ id: 'rival', account: ACME, configurationSets: ['rival'] }, by)
    const { roleArn = '' } = await attached()
    const rival = await at.connections.connect(settingsOf('rival'), by)
    const stored = await at.stored()
    const theirs = roleArnIn(ACME, 'sesame-acme')
    expect(theirs).toBe(roleArn)
    await expect(at.connections.refuseForeign('rival', theirs)).rejects.toThrow(RoleArnError)
    await expect(at.connections.attach(rival, theirs, minute(1), by)).rejects.toThrow('of another project')
    // The refusal says nothing of whose it is.
    await expect(at.connections.attach(rival, theirs, minute(1), by)).rejects.toThrow(/^((?!acme).)*$/s)
    expect(await at.stored()).toBe(stored)
  })

  test('is the same whichever case its name is in, as it is for IAM', async () => {
    await at.projects.add({ id: 'rival', account: ACME, configurationSets: ['rival'] }, by)
    await attached()
    const rival = await at.connections.connect(settingsOf('rival'), by)
    await expect(at.connections.attach(rival, roleArnIn(ACME, 'SESAME-ACME'), minute(1), by)).rejects.toThrow(
      'of another project',
    )
  })

  test('can be replaced, and is then free for another project', async () => {
    await at.projects.add({ id: 'rival', account: ACME, configurationSets: ['rival'] }, by)
    const connection = await attached()
    await at.connections.attach(connection, roleArnIn(ACME, 'another'), minute(1), by)
    const rival = await at.connections.connect(settingsOf('rival'), by)
    await at.connections.attach(rival, roleArnIn(ACME, 'sesame-acme'), minute(1), by)
    expect((await itemsOf('role-arn#')).map(({ project }) => project?.S).sort()).toEqual(['acme', 'rival'])
  })

  test('is not stored when the connection is another than the one that was proven', async () => {
    const connection = await at.connections.connect(settingsOf('acme'), by)
    await at.connections.rotate('acme', by)
    const stored = await at.stored()
    await expect(at.connections.attach(connection, roleArnIn(ACME), minute(1), by)).rejects.toThrow(SettingsBusyError)
    expect(await at.stored()).toBe(stored)
  })
})

describe('rotating the external id', () => {
  test('gives a second one; the first stays until it is retired', async () => {
    const before = await attached()
    const during = await at.connections.rotate('acme', by)
    expect(during.externalId).toBe(before.externalId)
    expect(during.nextExternalId).toMatch(/^[0-9a-f]{32}$/)
    expect(during.state).toBe('proven')
    expect(await itemsOf('external-id#')).toHaveLength(2)
    const after = await at.connections.retire(during, by)
    expect(after.externalId).toBe(during.nextExternalId)
    expect(after).not.toHaveProperty('nextExternalId')
    expect((await itemsOf('external-id#')).map(({ id }) => id?.S)).toEqual([`external-id#${after.externalId}`])
  })

  test('again answers the same second one and changes nothing; so does retiring', async () => {
    await attached()
    const during = await at.connections.rotate('acme', by)
    const stored = await at.stored()
    expect((await at.connections.rotate('acme', by)).nextExternalId).toBe(during.nextExternalId)
    expect(await at.stored()).toBe(stored)
    await at.connections.retire(during, by)
    const retired = await at.stored()
    await at.connections.retire(during, by)
    expect(await at.stored()).toBe(retired)
  })

  test('does not retire the id of a rotation that came later', async () => {
    await attached()
    const first = await at.connections.rotate('acme', by)
    await at.connections.retire(first, by)
    const second = await at.connections.rotate('acme', by)
    expect(await at.connections.retire(first, by)).toMatchObject({
      externalId: first.nextExternalId,
      nextExternalId: second.nextExternalId,
    })
  })

  test('of a project that is not connected is refused', async () => {
    await expect(at.connections.rotate('globex', by)).rejects.toThrow(NotConnectedError)
  })
})

describe('disconnecting', () => {
  test('forgets ids, role and route, and keeps the settings and what the project had', async () => {
    await attached()
    await at.connections.rotate('acme', by)
    expect(await at.connections.disconnect('acme', by)).toMatchObject({ project: 'acme' })
    expect(await at.connections.find('acme')).toBeUndefined()
    expect(await itemsOf('external-id#')).toEqual([])
    expect(await itemsOf('role-arn#')).toEqual([])
    expect((await itemsOf(`route#${ACME}`)).map(({ facet }) => facet?.S)).toEqual(['marketing'])
    expect(await at.projects.find('acme')).toMatchObject({ configurationSets: ['marketing'] })
  })

  test('again changes nothing; connecting anew makes another id, and needs a proof of its own', async () => {
    const { externalId } = await attached()
    await at.connections.disconnect('acme', by)
    const stored = await at.stored()
    expect(await at.connections.disconnect('acme', by)).toBeUndefined()
    expect(await at.stored()).toBe(stored)
    const anew = await at.connections.connect(settingsOf('acme'), by)
    expect(anew.externalId).not.toBe(externalId)
    expect(anew).toMatchObject({ state: 'waiting' })
    expect(anew).not.toHaveProperty('roleArn')
  })
})

test('every change is kept with who, when and what, and no external id in it', async () => {
  await attached()
  await at.connections.useTopics('acme', 'customer', by)
  const during = await at.connections.rotate('acme', by)
  await at.connections.retire(during, by)
  await at.connections.disconnect('acme', by)
  const changes = await at.changes('acme')
  expect(changes.map(({ what }) => what).sort()).toEqual([
    'connected',
    'disconnected',
    'external id retired',
    'external id rotated',
    'project added',
    'role attached',
    'topics changed',
  ])
  for (const change of changes) expect(change).toMatchObject({ by: 'ann', request: 'b5c1c0de', at: by.at })
  const told = JSON.stringify(changes)
  expect(told).not.toContain(during.externalId)
  expect(told).not.toContain(during.nextExternalId)
})

test('all connections are found, and only connections', async () => {
  await attached()
  await attached('globex', GLOBEX)
  await at.projects.add({ id: 'initech', account: ACME, configurationSets: ['initech'] }, by)
  expect((await at.connections.all()).map(({ project }) => project).sort()).toEqual(['acme', 'globex'])
})
