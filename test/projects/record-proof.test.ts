import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/projects/connection.ts'
import type { Proof } from '../../src/projects/proofs.ts'
import { ACME, occasion, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let at: SettingsTable
let by: ReturnType<typeof occasion>
beforeEach(async () => {
  at = await settingsTable()
  by = occasion(at.clock.now(), 'prove-connections')
})

const minute = (count: number) => new Date(Date.UTC(2026, 2, 5, 0, count))
const pass = (count: number): Proof => ({ at: minute(count), report: [{ step: 'trust', verdict: 'passed' }] })
const fail = (count: number, why = 'trust refused'): Proof => ({ at: minute(count), why, report: [] })

async function proven(project = 'acme'): Promise<Connection> {
  await at.projects.add({ id: project, account: ACME, configurationSets: [`of-${project}`] }, by)
  const connection = await at.connections.connect(settingsOf(project), by)
  return at.connections.attach(connection, roleArnIn(ACME, project), minute(0), by)
}
const stateOf = async (project = 'acme') => {
  const { state, provenAt, checkedAt, quarantine } = (await at.connections.find(project)) ?? {}
  return { state, provenAt, checkedAt, quarantine }
}

describe('a proof', () => {
  test('that fails puts the connection in quarantine, since the first failure and for the last reason', async () => {
    const connection = await proven()
    expect(await at.proofs.record(connection, fail(1, 'first'), by)).toEqual({ before: 'proven', after: 'quarantined' })
    expect(await at.proofs.record(connection, fail(2, 'second'), by)).toEqual({
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

  test('that passes lifts the quarantine', async () => {
    const connection = await proven()
    await at.proofs.record(connection, fail(1), by)
    expect(await at.proofs.record(connection, pass(2), by)).toEqual({ before: 'quarantined', after: 'proven' })
    expect(await stateOf()).toEqual({
      state: 'proven',
      provenAt: minute(2),
      checkedAt: minute(2),
      quarantine: undefined,
    })
  })

  test('is kept with its date and its report, latest first', async () => {
    const connection = await proven()
    await at.proofs.record(connection, pass(1), by)
    await at.proofs.record(connection, fail(2), by)
    expect(await at.proofs.of('acme')).toEqual([
      { at: minute(2), why: 'trust refused', report: [] },
      { at: minute(1), why: undefined, report: [{ step: 'trust', verdict: 'passed' }] },
    ])
  })

  test('expires after 400 days, in seconds', async () => {
    await at.proofs.record(await proven(), pass(1), by)
    const [item] = (await at.items()).filter(({ facet }) => String(facet?.S).startsWith('proof#'))
    expect(item?.expiresAt).toEqual({ N: String(minute(1).getTime() / 1000 + 400 * 86_400) })
  })

  test('twice changes nothing more', async () => {
    const connection = await proven()
    await at.proofs.record(connection, fail(1), by)
    const stored = await at.stored()
    expect(await at.proofs.record(connection, fail(1), by)).toBe('kept')
    expect(await at.stored()).toBe(stored)
  })

  test('that an earlier one overtakes still decides', async () => {
    const connection = await proven()
    await at.proofs.record(connection, fail(5), by)
    expect(await at.proofs.record(connection, pass(4), by)).toBe('kept')
    expect(await stateOf()).toMatchObject({ state: 'quarantined', checkedAt: minute(5) })
    expect(await at.proofs.of('acme')).toHaveLength(2)
  })

  test.each<[string, (connection: Connection) => Promise<unknown>]>([
    ['its settings changed', () => at.connections.connect({ ...settingsOf('acme'), features: ['sending'] }, by)],
    ['it has another role', (one) => at.connections.attach(one, roleArnIn(ACME, 'another'), minute(1), by)],
    ['its external id is being rotated', () => at.connections.rotate('acme', by)],
    ['it was taken back', () => at.connections.disconnect('acme', by)],
    [
      'it was taken back and made anew',
      async () => {
        await at.connections.disconnect('acme', by)
        await at.connections.connect(settingsOf('acme'), by)
      },
    ],
  ])('says nothing of the connection once %s', async (_, change) => {
    const connection = await proven()
    await change(connection)
    const before = await stateOf()
    expect(await at.proofs.record(connection, fail(9), by)).toBe('kept')
    expect(await at.proofs.record(connection, pass(10), by)).toBe('kept')
    expect(await stateOf()).toEqual(before)
  })

  test('of a role that is not stored proves nothing', async () => {
    await at.projects.add({ id: 'acme', account: ACME }, by)
    const connection = await at.connections.connect(settingsOf('acme'), by)
    expect(await at.proofs.record({ ...connection, roleArn: roleArnIn(ACME) }, pass(1), by)).toBe('kept')
    expect(await at.proofs.record(connection, pass(2), by)).toBe('kept')
    expect((await stateOf()).state).toBe('waiting')
  })

  test('leaves a connection whose settings changed waiting when it fails, and proven when it passes', async () => {
    await proven()
    const changed = await at.connections.connect({ ...settingsOf('acme'), features: ['sending'] }, by)
    expect(await at.proofs.record(changed, fail(1), by)).toEqual({ before: 'waiting', after: 'waiting' })
    expect(await at.proofs.record(changed, pass(2), by)).toEqual({ before: 'waiting', after: 'proven' })
  })

  test('that changes the state is a change with its author and reason', async () => {
    const connection = await proven()
    await at.proofs.record(connection, fail(1), by)
    await at.proofs.record(connection, fail(2), by)
    await at.proofs.record(connection, pass(3), by)
    const changes = (await at.changes('acme')).filter(({ what }) => what === 'proven' || what === 'quarantined')
    expect(changes).toEqual([
      {
        at: minute(1),
        by: by.by,
        request: by.request,
        what: 'quarantined',
        fields: { state: 'quarantined', why: 'trust refused' },
      },
      { at: minute(3), by: by.by, request: by.request, what: 'proven', fields: { state: 'proven' } },
    ])
  })
})

test('of proofs that are recorded at once, in any order and more than once, the latest decides', async () => {
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
        const record = (proof: Proof) => at.proofs.record(connection, proof, by)
        if (atOnce) await Promise.all([...proofs, ...proofs].map(record))
        else for (const proof of [...proofs, ...proofs]) await record(proof)
        const latest = [...some].sort((a, b) => b.count - a.count)[0] ?? { count: 0, passes: true }
        const { state, checkedAt, quarantine } = await stateOf(project)
        expect({ state, checkedAt, why: quarantine?.why }).toEqual({
          state: latest.passes ? 'proven' : 'quarantined',
          checkedAt: minute(latest.count),
          why: latest.passes ? undefined : `failed at ${latest.count}`,
        })
        expect(await at.proofs.of(project)).toHaveLength(proofs.length)
      },
    ),
    { seed: 1, numRuns: 30 },
  )
}, 60_000)
