import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { readEvent } from '../../src/intake/read-event.ts'
import { UnownedEventError } from '../../src/projects/unowned-event-error.ts'
import { ACME, contextAt, GLOBEX, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let stack: SettingsTable
let context: ReturnType<typeof contextAt>
beforeEach(async () => {
  stack = await settingsTable()
  context = contextAt(stack.clock.now())
})

/** The owner of an event, read from the table; `undefined` if it has none. */
async function ownerOf(account: string, configurationSet?: string, tenant?: string): Promise<string | undefined> {
  const tags = {
    ...(configurationSet && { 'ses:configuration-set': [configurationSet] }),
    ...(tenant && { 'ses:tenant-name': [tenant] }),
  }
  const event = readEvent({
    eventType: 'Send',
    mail: {
      timestamp: '2026-03-04T05:06:07.000Z',
      messageId: 'm-1',
      source: 'news@acme.example',
      sendingAccountId: account,
      destination: ['ann@example.com'],
      tags,
    },
    send: {},
  })
  if (event.type === 'NonEvent') throw new Error('it is an event')
  try {
    return await stack.routes().ownerOf(event)
  } catch (error) {
    if (error instanceof UnownedEventError) return undefined
    throw error
  }
}

/** Connects a project and lets its proof pass. */
async function prove(project: string, account = ACME): Promise<void> {
  const connection = await stack.connections.connect({ ...settingsOf(project), account }, context)
  const arn = roleArnIn(account, `sesame-${project}`)
  await stack.connections.attach(connection, arn, stack.clock.now(), context)
}

describe('a claim that nobody vouches for', () => {
  test('a claim does not count before a proof, and then it does', async () => {
    await stack.projects.add({ id: 'acme', account: ACME }, context, 'claimed')
    expect([await ownerOf(ACME), await ownerOf(ACME, 'news')]).toEqual([undefined, undefined])
    await prove('acme')
    expect([await ownerOf(ACME), await ownerOf(ACME, 'news')]).toEqual(['acme', 'acme'])
  })

  test('a claim keeps no other project out: the owner is added, proven and gets the events', async () => {
    await stack.projects.add({ id: 'mallory', account: ACME }, context, 'claimed')
    await stack.projects.add({ id: 'eve', account: ACME, configurationSets: ['news'] }, context, 'claimed')
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['news', 'crm'] }, context, 'claimed')
    await prove('acme')
    expect([await ownerOf(ACME, 'news'), await ownerOf(ACME, 'crm'), await ownerOf(ACME, 'sesame-acme')]).toEqual([
      'acme',
      'acme',
      'acme',
    ])
    expect([await ownerOf(ACME), await ownerOf(ACME, 'other')]).toEqual(['acme', undefined])
  })

  test('a claim on a proven account redirects nothing, whether it comes before the proof, after it, or with a connection', async () => {
    await stack.projects.add({ id: 'before', account: ACME }, context, 'claimed')
    await stack.connections.connect(settingsOf('before'), context)
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }, context, 'claimed')
    await prove('acme')
    await stack.projects.add({ id: 'after', account: ACME }, context, 'claimed')
    await stack.projects.add({ id: 'vouched', account: ACME, configurationSets: ['news'] }, context, 'vouched')
    await stack.connections.connect(settingsOf('after'), context)
    expect([await ownerOf(ACME), await ownerOf(ACME, 'news'), await ownerOf(ACME, 'sesame-after')]).toEqual([
      'acme',
      undefined,
      undefined,
    ])
  })

  test('a claim to what a proven project owns is refused', async () => {
    await stack.projects.add({ id: 'acme', account: ACME }, context, 'claimed')
    await prove('acme')
    for (const standing of ['claimed', 'vouched'] as const)
      await expect(stack.projects.add({ id: 'mallory', account: ACME }, context, standing)).rejects.toThrow(
        'belongs to another project',
      )
  })

  test('a setting that adds a configuration set does not count before a proof', async () => {
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['news'] }, context, 'claimed')
    await stack.projects.set('acme', { configurationSets: ['crm'] }, context)
    expect(await ownerOf(ACME, 'crm')).toBeUndefined()
    await prove('acme')
    await stack.projects.set('acme', { configurationSets: ['crm', 'late'] }, context)
    expect([await ownerOf(ACME, 'late'), await ownerOf(ACME, 'news')]).toEqual(['acme', undefined])
  })
})

describe('a claim that somebody vouches for', () => {
  test('a vouched claim counts, until another project proves the account', async () => {
    await stack.projects.add({ id: 'first', account: ACME }, context)
    await stack.projects.add({ id: 'acme', account: ACME }, context)
    expect(await ownerOf(ACME)).toBe('first')
    await prove('acme')
    expect(await ownerOf(ACME)).toBe('acme')
    await stack.projects.add({ id: 'other', account: GLOBEX }, context)
    expect(await ownerOf(GLOBEX)).toBe('other')
  })

  test('a project that was only claimed counts once somebody vouches for it', async () => {
    await stack.projects.add({ id: 'acme', account: ACME }, context, 'claimed')
    await stack.projects.add({ id: 'acme', account: ACME }, context, 'vouched')
    expect(await ownerOf(ACME)).toBe('acme')
  })

  test('claims to the account of Sesame itself count, and keep others out', async () => {
    await stack.projects.add({ id: 'own', account: ACME }, context, 'own account')
    expect(await ownerOf(ACME)).toBe('own')
    await expect(stack.projects.add({ id: 'other', account: ACME }, context, 'own account')).rejects.toThrow(
      'belongs to another project',
    )
  })
})

describe('a proof', () => {
  test('two projects that have both proven the account keep their routes, and the first has what both claim', async () => {
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['news'] }, context, 'claimed')
    await stack.projects.add({ id: 'shop', account: ACME, configurationSets: ['news', 'shop'] }, context, 'claimed')
    await prove('acme')
    await prove('shop')
    expect([await ownerOf(ACME, 'news'), await ownerOf(ACME, 'shop'), await ownerOf(ACME, 'sesame-acme')]).toEqual([
      'acme',
      'shop',
      'acme',
    ])
    await stack.connections.disconnect('shop', context)
    await stack.projects.remove('shop', context)
    expect([await ownerOf(ACME, 'news'), await ownerOf(ACME, 'shop')]).toEqual(['acme', undefined])
  })

  test('routes of a connection that version 0.2.0 has proven stay when another project proves the account', async () => {
    await stack.projects.add({ id: 'old', account: ACME, configurationSets: ['news'] }, context)
    await prove('old')
    // As version 0.2.0 wrote them.
    for (const facet of ['news', 'sesame-old'])
      await stack.dynamodb.send(
        new UpdateItemCommand({
          TableName: stack.table,
          Key: { id: { S: `route#${ACME}` }, facet: { S: facet } },
          UpdateExpression: 'REMOVE isProven',
        }),
      )
    await stack.dynamodb.send(
      new UpdateItemCommand({
        TableName: stack.table,
        Key: { id: { S: `account#${ACME}` }, facet: { S: 'proven' } },
        UpdateExpression: 'REMOVE projects',
      }),
    )
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['news', 'crm'] }, context, 'claimed')
    await prove('acme')
    expect([await ownerOf(ACME, 'news'), await ownerOf(ACME, 'sesame-old'), await ownerOf(ACME, 'crm')]).toEqual([
      'old',
      'old',
      'acme',
    ])
  })

  test('a later proof makes the claims count if a crash came between the first proof and the routes', async () => {
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['news'] }, context, 'claimed')
    await prove('acme')
    for (const [id, facet] of [
      [`route#${ACME}`, 'news'],
      [`route#${ACME}`, 'sesame-acme'],
      [`account#${ACME}`, 'proven'],
    ] as const)
      await stack.dynamodb.send(
        new DeleteItemCommand({ TableName: stack.table, Key: { id: { S: id }, facet: { S: facet } } }),
      )
    expect(await ownerOf(ACME, 'news')).toBeUndefined()
    stack.clock.advance(86_400_000)
    const connection = await stack.connections.find('acme')
    if (!connection) throw new Error('acme is connected')
    await stack.proofs.record(connection, { at: stack.clock.now(), report: [] }, { by: 'prove-connections' })
    expect([await ownerOf(ACME, 'news'), await ownerOf(ACME, 'sesame-acme')]).toEqual(['acme', 'acme'])
  })

  test('a disconnected project keeps nobody out', async () => {
    await stack.projects.add({ id: 'former', account: ACME }, context)
    await prove('former')
    await stack.connections.disconnect('former', context)
    expect(await ownerOf(ACME)).toBe('former')
    await stack.projects.add({ id: 'acme', account: ACME }, context, 'claimed')
    await prove('acme')
    expect(await ownerOf(ACME)).toBe('acme')
  })

  test('whatever is claimed in whatever order, the events of a proven account belong to the project that proved it', async () => {
    const claims = fc.array(
      fc.record({
        id: fc.constantFrom('mallory', 'eve', 'trudy'),
        sets: fc.subarray(['news', 'crm']),
        standing: fc.constantFrom('claimed' as const, 'vouched' as const),
        isConnected: fc.boolean(),
      }),
      { maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(claims, claims, async (before, after) => {
        stack = await settingsTable()
        const claim = async ({ id, sets, standing, isConnected }: (typeof before)[number]) => {
          const add = stack.projects.add({ id, account: ACME, configurationSets: sets }, context, standing)
          const isAdded = await add.then(
            () => true,
            () => false,
          )
          if (isAdded && isConnected) await stack.connections.connect(settingsOf(id), context)
        }
        for (const one of before) await claim(one)
        await stack.projects.add({ id: 'acme', account: ACME }, context, 'claimed')
        await prove('acme')
        for (const one of after) await claim(one)
        for (const set of [undefined, 'news', 'crm', 'sesame-acme', 'sesame-mallory'])
          expect(await ownerOf(ACME, set)).toBe('acme')
      }),
      { numRuns: 8 },
    )
  })
})

describe('a tenant of SES', () => {
  test('events of a tenant belong to its project, before their configuration set and their account decide', async () => {
    await stack.projects.add({ id: 'acme', account: ACME }, context)
    await stack.projects.add({ id: 'crm', account: ACME, configurationSets: ['crm'] }, context)
    await stack.projects.add({ id: 'shop', account: ACME, tenant: 'shop-17' }, context)
    expect([
      await ownerOf(ACME, 'crm', 'shop-17'),
      await ownerOf(ACME, undefined, 'shop-17'),
      await ownerOf(ACME, 'crm', 'shop-18'),
      await ownerOf(ACME, 'other', 'shop-18'),
      await ownerOf(GLOBEX, 'crm', 'shop-17'),
    ]).toEqual(['shop', 'shop', 'crm', 'acme', undefined])
  })

  test('the project of a tenant owns no event without the tenant, and two projects cannot have one tenant', async () => {
    await stack.projects.add({ id: 'shop', account: ACME, tenant: 'shop-17' }, context, 'own account')
    expect([await ownerOf(ACME), await ownerOf(ACME, 'news')]).toEqual([undefined, undefined])
    await expect(
      stack.projects.add({ id: 'rival', account: ACME, tenant: 'shop-17' }, context, 'own account'),
    ).rejects.toThrow('with tenant shop-17 belongs to another project')
    await stack.projects.set('shop', { tenant: 'shop-18' }, context)
    expect([await ownerOf(ACME, 'a', 'shop-17'), await ownerOf(ACME, 'a', 'shop-18')]).toEqual([undefined, 'shop'])
  })

  test('the tenant of an unproven project does not count', async () => {
    await stack.projects.add({ id: 'shop', account: ACME, tenant: 'shop-17' }, context, 'claimed')
    expect(await ownerOf(ACME, 'news', 'shop-17')).toBeUndefined()
    await prove('shop')
    expect(await ownerOf(ACME, 'news', 'shop-17')).toBe('shop')
  })
})
