import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/projects/connection.ts'
import type { Proof } from '../../src/projects/proofs.ts'
import { runsOf } from '../runs.ts'
import { ACME, contextAt, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let stack: SettingsTable
let context: ReturnType<typeof contextAt>
beforeEach(async () => {
  stack = await settingsTable()
  context = contextAt(stack.clock.now(), 'prove-connections')
})

const minute = (count: number) => new Date(Date.UTC(2026, 2, 5, 0, count))
const pass = (count: number): Proof => ({ at: minute(count), report: [{ step: 'trust', verdict: 'passed' }] })
const fail = (count: number, why = 'trust refused'): Proof => ({ at: minute(count), why, report: [] })

async function proven(project = 'acme'): Promise<Connection> {
  await stack.projects.add({ id: project, account: ACME, configurationSets: [`of-${project}`] }, context)
  const connection = await stack.connections.connect(settingsOf(project), context)
  return stack.connections.attach(connection, roleArnIn(ACME, project), minute(0), context)
}
const stateOf = async (project = 'acme') => {
  const { state, provenAt, checkedAt, quarantine } = (await stack.connections.find(project)) ?? {}
  return { state, provenAt, checkedAt, quarantine }
}

describe('a proof that is recorded', () => {
  test('a failed proof quarantines the connection since the first failure, with the latest reason', async () => {
    const connection = await proven()
    expect(await stack.proofs.record(connection, fail(1, 'first'), context)).toEqual({
      before: 'proven',
      after: 'quarantined',
    })
    expect(await stack.proofs.record(connection, fail(2, 'second'), context)).toEqual({
      before: 'quarantined',
      after: 'quarantined',
    })
    expect(await stateOf()).toEqual({
      state: 'quarantined',
      provenAt: minute(0),
      checkedAt: minute(2),
      quarantine: { since: minute(1), why: 'second' },
    })
  })

  test('a passed proof ends the quarantine', async () => {
    const connection = await proven()
    await stack.proofs.record(connection, fail(1), context)
    expect(await stack.proofs.record(connection, pass(2), context)).toEqual({ before: 'quarantined', after: 'proven' })
    expect(await stateOf()).toEqual({
      state: 'proven',
      provenAt: minute(2),
      checkedAt: minute(2),
      quarantine: undefined,
    })
  })

  test('a proof is stored with its date and report, and proofs are listed latest first', async () => {
    const connection = await proven()
    await stack.proofs.record(connection, pass(1), context)
    await stack.proofs.record(connection, fail(2), context)
    expect(await stack.proofs.of('acme')).toEqual([
      { at: minute(2), why: 'trust refused', report: [] },
      { at: minute(1), why: undefined, report: [{ step: 'trust', verdict: 'passed' }] },
    ])
  })

  test('a proof expires after 400 days, given in seconds', async () => {
    await stack.proofs.record(await proven(), pass(1), context)
    const [item] = (await stack.items()).filter(({ facet }) => String(facet?.S).startsWith('proof#'))
    expect(item?.expiresAt).toEqual({ N: String(minute(1).getTime() / 1000 + 400 * 86_400) })
  })

  test('recording a proof is idempotent', async () => {
    const connection = await proven()
    await stack.proofs.record(connection, fail(1), context)
    const stored = await stack.stored()
    expect(await stack.proofs.record(connection, fail(1), context)).toBe('kept')
    expect(await stack.stored()).toBe(stored)
  })

  test('a later proof decides, even if an earlier one is recorded after it', async () => {
    const connection = await proven()
    await stack.proofs.record(connection, fail(5), context)
    expect(await stack.proofs.record(connection, pass(4), context)).toBe('kept')
    expect(await stateOf()).toMatchObject({ state: 'quarantined', checkedAt: minute(5) })
    expect(await stack.proofs.of('acme')).toHaveLength(2)
  })

  test.each<[string, (connection: Connection) => Promise<unknown>]>([
    [
      'its settings changed',
      () => stack.connections.connect({ ...settingsOf('acme'), features: ['sending'] }, context),
    ],
    ['it has another role', (one) => stack.connections.attach(one, roleArnIn(ACME, 'another'), minute(1), context)],
    ['its external id is being rotated', () => stack.connections.rotate('acme', context)],
    ['it was disconnected', () => stack.connections.disconnect('acme', context)],
    [
      'it was disconnected and connected again',
      async () => {
        await stack.connections.disconnect('acme', context)
        await stack.connections.connect(settingsOf('acme'), context)
      },
    ],
  ])('a proof does not change the connection once %s', async (_, change) => {
    const connection = await proven()
    await change(connection)
    const before = await stateOf()
    expect(await stack.proofs.record(connection, fail(9), context)).toBe('kept')
    expect(await stack.proofs.record(connection, pass(10), context)).toBe('kept')
    expect(await stateOf()).toEqual(before)
  })

  test('a proof of a role that is not attached proves nothing', async () => {
    await stack.projects.add({ id: 'acme', account: ACME }, context)
    const connection = await stack.connections.connect(settingsOf('acme'), context)
    expect(await stack.proofs.record({ ...connection, roleArn: roleArnIn(ACME) }, pass(1), context)).toBe('kept')
    expect(await stack.proofs.record(connection, pass(2), context)).toBe('kept')
    expect((await stateOf()).state).toBe('waiting')
  })

  test('a connection whose settings changed stays waiting when the proof fails, and is proven when it passes', async () => {
    await proven()
    const changed = await stack.connections.connect({ ...settingsOf('acme'), features: ['sending'] }, context)
    expect(await stack.proofs.record(changed, fail(1), context)).toEqual({ before: 'waiting', after: 'waiting' })
    expect(await stack.proofs.record(changed, pass(2), context)).toEqual({ before: 'waiting', after: 'proven' })
  })

  test('a proof that changes the state appears in the history with its author and reason', async () => {
    const connection = await proven()
    await stack.proofs.record(connection, fail(1), context)
    await stack.proofs.record(connection, fail(2), context)
    await stack.proofs.record(connection, pass(3), context)
    const changes = (await stack.changes('acme')).filter(({ what }) => what === 'proven' || what === 'quarantined')
    expect(changes).toEqual([
      {
        at: minute(1),
        by: context.by,
        request: context.request,
        what: 'quarantined',
        fields: { state: 'quarantined', why: 'trust refused' },
      },
      { at: minute(3), by: context.by, request: context.request, what: 'proven', fields: { state: 'proven' } },
    ])
  })
})

test('the latest proof decides, in whatever order, concurrency or repetition proofs are recorded', async () => {
  let round = 0
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.record({ count: fc.integer({ min: 1, max: 30 }), passes: fc.boolean() }), {
        selector: ({ count }) => count,
        minLength: 2,
        maxLength: 5,
      }),
      fc.boolean(),
      async (some, atOnce) => {
        const project = `project-${round++}`
        const connection = await proven(project)
        const proofs = some.map(({ count, passes }) => (passes ? pass(count) : fail(count, `failed at ${count}`)))
        const record = (proof: Proof) => stack.proofs.record(connection, proof, context)
        if (atOnce) await Promise.all([...proofs, ...proofs].map(record))
        else for (const proof of [...proofs, ...proofs]) await record(proof)
        const latest = [...some].sort((a, b) => b.count - a.count)[0] ?? { count: 0, passes: true }
        const { state, checkedAt, quarantine } = await stateOf(project)
        expect({ state, checkedAt, why: quarantine?.why }).toEqual({
          state: latest.passes ? 'proven' : 'quarantined',
          checkedAt: minute(latest.count),
          why: latest.passes ? undefined : `failed at ${latest.count}`,
        })
        expect(await stack.proofs.of(project)).toHaveLength(proofs.length)
      },
    ),
    { seed: 1, numRuns: runsOf(30) },
  )
}, 60_000)
