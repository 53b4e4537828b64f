/**
 * Random interleavings: operators of several projects connect, attach, rotate, retire, disconnect, remove and add, all at once and all for
 * the same few roles. Whatever comes of it, no id, ARN or route has two owners, and nothing is left behind.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Connection } from '../../src/projects/connection.ts'
import { ACME, occasion, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

const projects = ['ant', 'bee', 'cat'] as const
const roles = ['one', 'two'] as const

type Act = (at: SettingsTable, project: string, role: string) => Promise<unknown>

const by = occasion(new Date('2026-03-04T05:06:07.000Z'))
const found = async (at: SettingsTable, project: string, act: (connection: Connection) => Promise<unknown>) => {
  const connection = await at.connections.find(project)
  if (connection) await act(connection)
}

const acts: Readonly<Record<string, Act>> = {
  add: (at, project) => at.projects.add({ id: project, account: ACME, configurationSets: [`sesame-${project}`] }, by),
  share: (at, project) => at.projects.add({ id: project, account: ACME, configurationSets: ['shared'] }, by),
  narrow: (at, project) => at.projects.set(project, { configurationSets: [`sesame-${project}`] }, by),
  connect: (at, project) => at.connections.connect(settingsOf(project), by),
  narrowFeatures: (at, project) => at.connections.connect({ ...settingsOf(project), features: ['sending'] }, by),
  attach: (at, project, role) =>
    found(at, project, (one) => at.connections.attach(one, roleArnIn(ACME, role), new Date(), by)),
  rotate: (at, project) => at.connections.rotate(project, by),
  retire: (at, project) => found(at, project, (one) => at.connections.retire(one, by)),
  fail: (at, project) =>
    found(at, project, (one) => at.proofs.record(one, { at: new Date(), why: 'it fails', report: [] }, by)),
  disconnect: (at, project) => at.connections.disconnect(project, by),
  remove: (at, project) => at.projects.remove(project, by),
}

/** What may be refused; anything else is a defect. */
const deliberate = new Set([
  'ProjectSettingsError',
  'ConnectionSettingsError',
  'NotConnectedError',
  'RoleArnError',
  'SettingsBusyError',
])

async function tried(act: Promise<unknown>): Promise<void> {
  try {
    await act
  } catch (error) {
    if (!(error instanceof Error && deliberate.has(error.name))) throw error
  }
}

/** Who owns what, from the connections and settings themselves, must be what the owner items and routes say. */
async function expectOneOwnerEach(at: SettingsTable): Promise<void> {
  const items = await at.items()
  const owners = items
    .filter(({ facet }) => facet?.S === 'owner')
    .map(({ id, project }) => `${id?.S} → ${project?.S}`)
    .sort()
  const held: string[] = []
  const routes = new Map<string, string>()
  for (const { id, facet, project } of items)
    if (String(id?.S).startsWith('route#')) routes.set(String(facet?.S), String(project?.S))
  for (const project of projects) {
    const settings = await at.projects.find(project)
    const connection = await at.connections.find(project)
    for (const set of settings?.configurationSets ?? [])
      if (set !== `sesame-${project}`) expect(routes.get(set)).toBe(project)
    if (!connection) continue
    expect(settings).toBeDefined()
    expect(routes.get(`sesame-${project}`)).toBe(project)
    const { externalId, nextExternalId, roleArn } = connection
    held.push(`external-id#${externalId} → ${project}`)
    if (nextExternalId) held.push(`external-id#${nextExternalId} → ${project}`)
    if (roleArn) held.push(`role-arn#${roleArn} → ${project}`)
  }
  expect(owners).toEqual(held.sort())
  expect((await at.projects.all()).map(({ id }) => id)).toEqual(
    (await Promise.all(projects.map((id) => at.projects.find(id)))).flatMap((one) => one?.id ?? []),
  )
}

test('never give one role, one external id or one route to two projects, and leave none without an owner', async () => {
  const at = await settingsTable()
  const step = fc.record({
    act: fc.constantFrom(...Object.keys(acts)),
    project: fc.constantFrom(...projects),
    role: fc.constantFrom(...roles),
  })
  const waves = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(waves, async (plan) => {
      for (const id of projects) {
        await at.connections.disconnect(id, by)
        await at.projects.remove(id, by)
        await at.projects.add({ id, account: ACME, configurationSets: [`sesame-${id}`] }, by)
        await at.connections.connect(settingsOf(id), by)
      }
      for (const wave of plan) {
        await Promise.all(
          wave.map(({ act, project, role }) => tried(acts[act]?.(at, project, role) ?? Promise.reject())),
        )
        await expectOneOwnerEach(at)
      }
    }),
    { seed: 1, numRuns: 60 },
  )
  expect(at.aws.defects).toEqual([])
}, 120_000)

test('let one of two projects have a role that both attach at once, however often it is tried', async () => {
  const at = await settingsTable()
  for (const id of projects) {
    await at.projects.add({ id, account: ACME, configurationSets: [`sesame-${id}`] }, by)
    await at.connections.connect(settingsOf(id), by)
  }
  for (let i = 0; i < 20; i++) {
    const name = `role-${i}`
    await Promise.all(projects.map((project) => tried(acts.attach?.(at, project, name) ?? Promise.reject())))
    const owners = (await at.connections.all()).filter(({ roleArn }) => roleArn?.endsWith(`/${name}`))
    expect(owners).toHaveLength(1)
    await expectOneOwnerEach(at)
  }
}, 60_000)
