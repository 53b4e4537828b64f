/**
 * Random interleavings: operators of several projects connect, attach, rotate, retire, disconnect, remove and add at the same time, with the
 * same few roles. After each wave, no external id, ARN or route has two owners, and no owner item is left without its connection.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Connection } from '../../src/projects/connection.ts'
import { runsOf } from '../runs.ts'
import { ACME, contextAt, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

const projects = ['ant', 'bee', 'cat'] as const
const roles = ['one', 'two'] as const

type Action = (stack: SettingsTable, project: string, role: string) => Promise<unknown>

const context = contextAt(new Date('2026-03-04T05:06:07.000Z'))
const found = async (stack: SettingsTable, project: string, act: (connection: Connection) => Promise<unknown>) => {
  const connection = await stack.connections.find(project)
  if (connection) await act(connection)
}

const acts: Readonly<Record<string, Action>> = {
  add: (stack, project) =>
    stack.projects.add({ id: project, account: ACME, configurationSets: [`sesame-${project}`] }, context),
  share: (stack, project) => stack.projects.add({ id: project, account: ACME, configurationSets: ['shared'] }, context),
  narrow: (stack, project) => stack.projects.set(project, { configurationSets: [`sesame-${project}`] }, context),
  connect: (stack, project) => stack.connections.connect(settingsOf(project), context),
  narrowFeatures: (stack, project) =>
    stack.connections.connect({ ...settingsOf(project), features: ['sending'] }, context),
  attach: (stack, project, role) =>
    found(stack, project, (one) => stack.connections.attach(one, roleArnIn(ACME, role), new Date(), context)),
  rotate: (stack, project) => stack.connections.rotate(project, context),
  retire: (stack, project) => found(stack, project, (one) => stack.connections.retire(one, context)),
  fail: (stack, project) =>
    found(stack, project, (one) => stack.proofs.record(one, { at: new Date(), why: 'it fails', report: [] }, context)),
  disconnect: (stack, project) => stack.connections.disconnect(project, context),
  remove: (stack, project) => stack.projects.remove(project, context),
}

/** The errors that a change may fail with. Every other error is a defect. */
const expectedErrors = new Set([
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
    if (!(error instanceof Error && expectedErrors.has(error.name))) throw error
  }
}

/** Checks that the owner items and routes agree with the connections and settings. */
async function expectOneOwnerEach(stack: SettingsTable): Promise<void> {
  const items = await stack.items()
  const owners = items
    .filter(({ facet }) => facet?.S === 'owner')
    .map(({ id, project }) => `${id?.S} → ${project?.S}`)
    .sort()
  const expected: string[] = []
  const routes = new Map<string, string>()
  for (const { id, facet, project } of items)
    if (String(id?.S).startsWith('route#')) routes.set(String(facet?.S), String(project?.S))
  for (const [set, owner] of routes)
    if (set !== `sesame-${owner}`) expect((await stack.projects.find(owner))?.configurationSets).toContain(set)
  for (const project of projects) {
    const settings = await stack.projects.find(project)
    const connection = await stack.connections.find(project)
    // A claim that no proof supports gives way: to the first claim of another project, and to a proof of the account.
    const isProven = connection?.state === 'proven'
    for (const set of settings?.configurationSets ?? [])
      if (set !== `sesame-${project}` && isProven) expect(routes.get(set)).toBeDefined()
    if (!connection) continue
    expect(settings).toBeDefined()
    expect(isProven ? [project] : [project, undefined]).toContain(routes.get(`sesame-${project}`))
    const { externalId, nextExternalId, roleArn } = connection
    expected.push(`external-id#${externalId} → ${project}`)
    if (nextExternalId) expected.push(`external-id#${nextExternalId} → ${project}`)
    if (roleArn) expected.push(`role-arn#${roleArn} → ${project}`)
  }
  expect(owners).toEqual(expected.sort())
  expect((await stack.projects.all()).map(({ id }) => id)).toEqual(
    (await Promise.all(projects.map((id) => stack.projects.find(id)))).flatMap((one) => one?.id ?? []),
  )
}

test('concurrent changes never give one role, external id or route to two projects, and leave none without an owner', async () => {
  const stack = await settingsTable()
  const step = fc.record({
    act: fc.constantFrom(...Object.keys(acts)),
    project: fc.constantFrom(...projects),
    role: fc.constantFrom(...roles),
  })
  const waves = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(waves, async (plan) => {
      for (const id of projects) {
        await stack.connections.disconnect(id, context)
        await stack.projects.remove(id, context)
        await stack.projects.add({ id, account: ACME, configurationSets: [`sesame-${id}`] }, context)
        await stack.connections.connect(settingsOf(id), context)
      }
      for (const wave of plan) {
        await Promise.all(
          wave.map(({ act, project, role }) => tried(acts[act]?.(stack, project, role) ?? Promise.reject())),
        )
        await expectOneOwnerEach(stack)
      }
    }),
    { seed: 1, numRuns: runsOf(60) },
  )
  expect(stack.aws.defects).toEqual([])
}, 120_000)

test('of several projects that attach the same role at the same time, exactly one gets it', async () => {
  const stack = await settingsTable()
  for (const id of projects) {
    await stack.projects.add({ id, account: ACME, configurationSets: [`sesame-${id}`] }, context)
    await stack.connections.connect(settingsOf(id), context)
  }
  for (let i = 0; i < 20; i++) {
    const name = `role-${i}`
    await Promise.all(projects.map((project) => tried(acts.attach?.(stack, project, name) ?? Promise.reject())))
    const owners = (await stack.connections.all()).filter(({ roleArn }) => roleArn?.endsWith(`/${name}`))
    expect(owners).toHaveLength(1)
    await expectOneOwnerEach(stack)
  }
}, 60_000)
