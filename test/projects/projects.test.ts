import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { ProjectSettingsError } from '../../src/projects/project.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { ACME, contextAt, GLOBEX, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let stack: SettingsTable
let context: ReturnType<typeof contextAt>
beforeEach(async () => {
  stack = await settingsTable()
  context = contextAt(stack.clock.now())
})

const acme = { id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }
const routes = async () =>
  (await stack.items())
    .filter(({ id }) => String(id?.S).startsWith('route#'))
    .map(({ id, facet, project }) => `${id?.S} ${facet?.S} → ${project?.S}`)

describe('add', () => {
  test('add stores the settings with their defaults, and a route for each configuration set', async () => {
    await stack.projects.add({ ...acme, configurationSets: ['marketing', 'sesame-acme'] }, context)
    expect(await stack.projects.find('acme')).toEqual({
      ...acme,
      configurationSets: ['marketing', 'sesame-acme'],
      rules: defaultRules,
    })
    expect(await routes()).toEqual([`route#${ACME} marketing → acme`, `route#${ACME} sesame-acme → acme`])
  })

  test('add without configuration sets gives the project the whole account', async () => {
    await stack.projects.add({ id: 'acme', account: ACME }, context)
    expect(await routes()).toEqual([`route#${ACME} * → acme`])
  })

  test('add is idempotent and adds no second history entry', async () => {
    await stack.projects.add(acme, context)
    const stored = await stack.stored()
    await stack.projects.add(acme, context)
    expect(await stack.stored()).toBe(stored)
  })

  test('add with more configuration sets adds them, and keeps rules that are not given', async () => {
    await stack.projects.add({ ...acme, rules: { complaint: 'ignore' } }, context)
    await stack.projects.add({ ...acme, configurationSets: ['marketing'] }, context)
    const found = await stack.projects.find('acme')
    expect(found?.configurationSets).toEqual(['sesame-acme', 'marketing'])
    expect(found?.rules.complaint).toBe('ignore')
    expect(await routes()).toHaveLength(2)
  })

  test.each([
    ['an id of another account', { ...acme, account: GLOBEX }, /^id acme is taken/],
    [
      'a configuration set that another project owns',
      { id: 'globex', account: ACME, configurationSets: ['marketing'] },
      /belongs to another project/,
    ],
    [
      'a configuration set that is reserved for another project',
      { id: 'globex', account: ACME, configurationSets: ['sesame-acme'] },
      /^configurationSets cannot contain/,
    ],
    ['an account of eleven digits', { ...acme, account: '11112222333' }, /^account must be/],
    ['an id with a capital', { ...acme, id: 'Acme' }, /^id must be/],
    ['an unknown setting', { ...acme, colour: 'blue' }, /^colour is not a known field/],
    [
      'rules that contradict each other',
      { ...acme, rules: { softBounces: { onDays: 9, withinDays: 2, suppressForDays: 1 } } },
      /^rules/,
    ],
  ])('add refuses %s and changes nothing', async (_, project, why) => {
    await stack.projects.add({ ...acme, configurationSets: ['sesame-acme', 'marketing'] }, context, 'own account')
    const stored = await stack.stored()
    await expect(stack.projects.add(project, context)).rejects.toThrow(ProjectSettingsError)
    await expect(stack.projects.add(project, context)).rejects.toThrow(why)
    expect(await stack.stored()).toBe(stored)
  })
})

describe('set', () => {
  test('set replaces the given settings and keeps the others', async () => {
    await stack.projects.add({ ...acme, configurationSets: ['sesame-acme', 'marketing'] }, context)
    await stack.projects.set('acme', { rules: { hardBounce: 'ignore' } }, context)
    await stack.projects.set('acme', { configurationSets: ['marketing', 'billing'] }, context)
    const found = await stack.projects.find('acme')
    expect(found?.rules.hardBounce).toBe('ignore')
    expect(found?.configurationSets).toEqual(['marketing', 'billing'])
    expect(await routes()).toEqual([
      `route#${ACME} billing → acme`,
      `route#${ACME} marketing → acme`,
      // This route belongs to the connection, even if there is none.
      `route#${ACME} sesame-acme → acme`,
    ])
  })

  test('set refuses a project that does not exist', async () => {
    await expect(stack.projects.set('acme', {}, context)).rejects.toThrow('project acme does not exist')
  })
})

describe('remove', () => {
  test('remove deletes routes and settings, and keeps the history', async () => {
    await stack.projects.add(acme, context)
    await stack.projects.remove('acme', context)
    expect(await stack.projects.find('acme')).toBeUndefined()
    expect(await stack.projects.all()).toEqual([])
    expect(await routes()).toEqual([])
    expect((await stack.changes('acme')).map(({ what }) => what).sort()).toEqual(['project added', 'project removed'])
  })

  test('remove is idempotent', async () => {
    await stack.projects.add(acme, context)
    expect(await stack.projects.remove('acme', context)).toMatchObject({ id: 'acme' })
    const stored = await stack.stored()
    expect(await stack.projects.remove('acme', context)).toBeUndefined()
    expect(await stack.stored()).toBe(stored)
  })

  test('the id of a removed project stays reserved for its account, so that no other account inherits its list', async () => {
    await stack.projects.add(acme, context)
    await stack.projects.remove('acme', context)
    await expect(stack.projects.add({ ...acme, account: GLOBEX }, context)).rejects.toThrow('id acme is taken')
    await stack.projects.add(acme, context)
    expect(await stack.projects.find('acme')).toMatchObject(acme)
  })

  test('remove refuses a connected project', async () => {
    await stack.projects.add(acme, context)
    await stack.connections.connect(settingsOf('acme'), context)
    const stored = await stack.stored()
    await expect(stack.projects.remove('acme', context)).rejects.toThrow('sesame disconnect acme')
    expect(await stack.stored()).toBe(stored)
  })
})

describe('allProjects', () => {
  test('allProjects lists any number of projects by id, at a cost that does not grow with their history', async () => {
    const ids = Array.from({ length: 250 }, (_, i) => `project-${String(i).padStart(3, '0')}`)
    for (const id of ids) await stack.projects.add({ id, account: ACME, configurationSets: [`of-${id}`] }, context)
    for (let i = 0; i < 300; i++) await stack.proofs.keep('project-000', { at: new Date(i), report: 'x'.repeat(1_000) })
    stack.aws.dynamodb.resetMeter()
    expect((await stack.projects.all()).map(({ id }) => id)).toEqual(ids)
    expect(stack.aws.dynamodb.meter(stack.table).readUnits).toBeLessThan(300)
  })

  test('allProjects lists the other projects when one cannot be read, and names it', async () => {
    for (const id of ['acme', 'globex', 'initech'])
      await stack.projects.add({ id, account: ACME, configurationSets: [id] }, context)
    await store('globex', '{"id":"globex"')
    expect((await stack.projects.all()).map(({ id }) => id)).toEqual(['acme', 'initech'])
    expect(stack.unreadable).toEqual(['globex'])
  })
})

/** Stores settings as another version of Sesame might have. */
const store = (id: string, settings: string) =>
  stack.dynamodb.send(
    new PutItemCommand({
      TableName: stack.table,
      Item: { id: { S: id }, facet: { S: 'settings' }, account: { S: ACME }, settings: { S: settings } },
    }),
  )

describe('settings of a newer version', () => {
  const newer = { ...acme, quota: 5, rules: { hardBounce: 'ignore', greylisted: 'ignore' } }

  test('a field of a newer version is kept when the project is read and when another field is changed', async () => {
    await stack.projects.add(acme, context)
    await store('acme', JSON.stringify(newer))
    expect(await stack.projects.find('acme')).toMatchObject({ quota: 5, rules: { hardBounce: 'ignore' } })
    await stack.projects.set('acme', { suppressedReasons: ['BOUNCE'] }, context)
    expect(await stack.projects.find('acme')).toMatchObject({
      quota: 5,
      rules: { hardBounce: 'ignore', greylisted: 'ignore' },
      suppressedReasons: ['BOUNCE'],
    })
  })

  test('nested fields of a newer version are kept when the project is read and when another field is changed', async () => {
    await stack.projects.add(acme, context)
    const nested = {
      ...acme,
      sending: { paused: false, window: 'night', senders: ['acme.example'] },
      activitySettings: { days: 30, sampling: 10 },
      rules: { softBounces: { onDays: 2, withinDays: 7, suppressForDays: 10, perProvider: true } },
    }
    await store('acme', JSON.stringify(nested))
    expect(await stack.projects.find('acme')).toMatchObject(nested)
    await stack.projects.set('acme', { sending: { paused: true }, tenant: 'one' }, context)
    expect(await stack.projects.find('acme')).toMatchObject({
      ...nested,
      tenant: 'one',
      sending: { ...nested.sending, paused: true },
    })
  })

  test('a value of a newer version stops no project, and means what is safest', async () => {
    await stack.projects.add(acme, context)
    const unknown = {
      ...acme,
      suppressedReasons: ['BOUNCE', 'OPT_OUT'],
      sending: {
        paused: 'until tomorrow',
        ifListUnreadable: 'ask',
        sessions: 'read only',
        senders: ['*.acme.example', 7],
      },
      activity: 'everything',
      rules: { hardBounce: 'after two', complaint: 'ignore', softBounces: { onDays: 'three' } },
    }
    await store('acme', JSON.stringify(unknown))
    const read = await stack.projects.find('acme')
    expect(read).toEqual({
      ...acme,
      suppressedReasons: ['BOUNCE'],
      sending: { paused: true, senders: [] },
      activity: 'feedback',
      rules: { ...defaultRules, complaint: 'ignore' },
    })
  })

  test('settings without optional fields are read without them', async () => {
    await stack.projects.add(acme, context)
    await store('acme', JSON.stringify({ ...acme, sending: {} }))
    const read = await stack.projects.find('acme')
    expect(JSON.parse(JSON.stringify(read))).toEqual({ ...acme, sending: {}, rules: defaultRules })
  })

  test('a project whose owner is written in an unknown form is not read, because its mail could become that of another', async () => {
    await stack.projects.add(acme, context)
    for (const owner of [
      { account: 'all' },
      { configurationSets: ['a b'] },
      { configurationSets: 'all' },
      { tenant: ['a'] },
    ]) {
      await store('acme', JSON.stringify({ ...acme, ...owner }))
      await expect(stack.projects.find('acme')).rejects.toThrow(/must be/)
    }
  })

  test('a field that this version does not know is refused as input', async () => {
    await expect(stack.projects.add(JSON.parse(JSON.stringify(newer)), context)).rejects.toThrow('is not a known field')
  })
})
