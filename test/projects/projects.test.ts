import { beforeEach, describe, expect, test } from 'vitest'
import { ProjectSettingsError } from '../../src/projects/project.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { ACME, GLOBEX, occasion, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let at: SettingsTable
let by: ReturnType<typeof occasion>
beforeEach(async () => {
  at = await settingsTable()
  by = occasion(at.clock.now())
})

const acme = { id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }
const routes = async () =>
  (await at.items())
    .filter(({ id }) => String(id?.S).startsWith('route#'))
    .map(({ id, facet, project }) => `${id?.S} ${facet?.S} → ${project?.S}`)

describe('adding a project', () => {
  test('stores its settings with the defaults, and a route for each configuration set', async () => {
    await at.projects.add({ ...acme, configurationSets: ['marketing', 'sesame-acme'] }, by)
    expect(await at.projects.find('acme')).toEqual({
      ...acme,
      configurationSets: ['marketing', 'sesame-acme'],
      rules: defaultRules,
    })
    expect(await routes()).toEqual([`route#${ACME} marketing → acme`, `route#${ACME} sesame-acme → acme`])
  })

  test('without configuration sets gives it the whole account', async () => {
    await at.projects.add({ id: 'acme', account: ACME }, by)
    expect(await routes()).toEqual([`route#${ACME} * → acme`])
  })

  test('again changes nothing, its history included', async () => {
    await at.projects.add(acme, by)
    const stored = await at.stored()
    await at.projects.add(acme, by)
    expect(await at.stored()).toBe(stored)
  })

  test('with more configuration sets adds them, and keeps the rules that are not named', async () => {
    await at.projects.add({ ...acme, rules: { complaint: 'ignore' } }, by)
    await at.projects.add({ ...acme, configurationSets: ['marketing'] }, by)
    const found = await at.projects.find('acme')
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
      'a configuration set kept for another project',
      { id: 'globex', account: ACME, configurationSets: ['sesame-acme'] },
      /^configurationSets cannot have/,
    ],
    ['an account of eleven digits', { ...acme, account: '11112222333' }, /^account must be/],
    ['an id with a capital', { ...acme, id: 'Acme' }, /^id must be/],
    ['a setting that there is none of', { ...acme, colour: 'blue' }, /^colour is not a known field/],
    [
      'rules that contradict each other',
      { ...acme, rules: { softBounces: { onDays: 9, withinDays: 2, suppressForDays: 1 } } },
      /^rules/,
    ],
  ])('is refused with %s, and changes nothing', async (_, project, why) => {
    await at.projects.add({ ...acme, configurationSets: ['sesame-acme', 'marketing'] }, by)
    const stored = await at.stored()
    await expect(at.projects.add(project, by)).rejects.toThrow(ProjectSettingsError)
    await expect(at.projects.add(project, by)).rejects.toThrow(why)
    expect(await at.stored()).toBe(stored)
  })
})

describe('setting a project', () => {
  test('replaces what is named and leaves the rest', async () => {
    await at.projects.add({ ...acme, configurationSets: ['sesame-acme', 'marketing'] }, by)
    await at.projects.set('acme', { rules: { hardBounce: 'ignore' } }, by)
    await at.projects.set('acme', { configurationSets: ['marketing', 'billing'] }, by)
    const found = await at.projects.find('acme')
    expect(found?.rules.hardBounce).toBe('ignore')
    expect(found?.configurationSets).toEqual(['marketing', 'billing'])
    expect(await routes()).toEqual([
      `route#${ACME} billing → acme`,
      `route#${ACME} marketing → acme`,
      // It belongs to the connection, whether there is one or not.
      `route#${ACME} sesame-acme → acme`,
    ])
  })

  test('that does not exist is refused', async () => {
    await expect(at.projects.set('acme', {}, by)).rejects.toThrow('project acme does not exist')
  })
})

describe('removing a project', () => {
  test('takes its routes and settings away, and keeps what was changed', async () => {
    await at.projects.add(acme, by)
    await at.projects.remove('acme', by)
    expect(await at.projects.find('acme')).toBeUndefined()
    expect(await at.projects.all()).toEqual([])
    expect(await routes()).toEqual([])
    expect((await at.changes('acme')).map(({ what }) => what).sort()).toEqual(['project added', 'project removed'])
  })

  test('again changes nothing', async () => {
    await at.projects.add(acme, by)
    expect(await at.projects.remove('acme', by)).toMatchObject({ id: 'acme' })
    const stored = await at.stored()
    expect(await at.projects.remove('acme', by)).toBeUndefined()
    expect(await at.stored()).toBe(stored)
  })

  test('leaves its id to its account: nobody else inherits its list', async () => {
    await at.projects.add(acme, by)
    await at.projects.remove('acme', by)
    await expect(at.projects.add({ ...acme, account: GLOBEX }, by)).rejects.toThrow('id acme is taken')
    await at.projects.add(acme, by)
    expect(await at.projects.find('acme')).toMatchObject(acme)
  })

  test('is refused while it is connected', async () => {
    await at.projects.add(acme, by)
    await at.connections.connect(settingsOf('acme'), by)
    const stored = await at.stored()
    await expect(at.projects.remove('acme', by)).rejects.toThrow('sesame disconnect acme')
    expect(await at.stored()).toBe(stored)
  })
})

describe('all projects', () => {
  test('are listed by id, however many there are, at a cost that their history does not raise', async () => {
    const ids = Array.from({ length: 250 }, (_, i) => `project-${String(i).padStart(3, '0')}`)
    for (const id of ids) await at.projects.add({ id, account: ACME, configurationSets: [`of-${id}`] }, by)
    for (let i = 0; i < 300; i++) await at.proofs.keep('project-000', { at: new Date(i), report: 'x'.repeat(1_000) })
    at.aws.dynamodb.resetMeter()
    expect((await at.projects.all()).map(({ id }) => id)).toEqual(ids)
    expect(at.aws.dynamodb.meter(at.table).readUnits).toBeLessThan(300)
  })
})
