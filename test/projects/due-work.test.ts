import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { type DueKind, dueItemOf, dueKeyOf, newDueEntry, quarterAfter, quarterOf } from '../../src/projects/due-work.ts'
import { listDueWork, nextDirectorySlice } from '../../src/projects/list-due-work.ts'
import { nextProofAt } from '../../src/projects/proof-schedule.ts'
import { createProofSchedule } from '../../src/projects/schedule-proofs.ts'
import { createDoneReconciles } from '../../src/propagation/done-reconciles.ts'
import { createDueReconciles } from '../../src/propagation/due-reconciles.ts'
import { ACME, contextAt, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let stack: SettingsTable
let context: ReturnType<typeof contextAt>
let dynamodb: DynamoDBClient
beforeEach(async () => {
  stack = await settingsTable()
  context = contextAt(stack.clock.now())
  dynamodb = stack.dynamodb
})

const later = (milliseconds: number) => new Date(stack.clock.now().getTime() + milliseconds)
const minutes = (count: number) => count * 60_000
const days = (count: number) => count * 86_400_000
const dueAt = async (kind: DueKind, at: Date) => [...(await listDueWork(dynamodb, stack.table, kind, at)).keys()].sort()
const put = (kind: DueKind, project: string, at: Date) =>
  dynamodb.send(new PutItemCommand({ TableName: stack.table, Item: dueItemOf(kind, newDueEntry(project, at)) }))

describe('the index of due work', () => {
  test('a run finds what is due, of each kind, and nothing that is due later', async () => {
    await put('reconcile', 'acme', context.at)
    await put('reconcile', 'globex', later(1))
    await put('proof', 'initech', context.at)
    expect(await dueAt('reconcile', context.at)).toEqual(['acme'])
    expect(await dueAt('reconcile', later(1))).toEqual(['acme', 'globex'])
    expect(await dueAt('proof', context.at)).toEqual(['initech'])
  })

  test('a project is listed once with all of its entries', async () => {
    await put('reconcile', 'acme', context.at)
    await put('reconcile', 'acme', later(-1))
    const due = await listDueWork(dynamodb, stack.table, 'reconcile', context.at)
    expect(due.get('acme')).toHaveLength(2)
  })

  test('a run without due work reads the index only, however many projects there are', async () => {
    for (let i = 0; i < 50; i++) {
      await stack.projects.add({ id: `p${i}`, account: ACME, configurationSets: [`set-${i}`] }, context)
      await put('proof', `q${i}`, later(days(1)))
    }
    stack.aws.dynamodb.resetMeter()
    await listDueWork(dynamodb, stack.table, 'proof', context.at)
    expect(stack.aws.dynamodb.meter(stack.table)).toMatchObject({ reads: 16 })
  })

  test('an entry that was written again since it was read is not removed', async () => {
    const due = createDueReconciles(dynamodb, stack.table)
    const done = createDoneReconciles(dynamodb, stack.table)
    await due.add('acme', context.at)
    const read = (await listDueWork(dynamodb, stack.table, 'reconcile', context.at)).get('acme') ?? []
    await due.add('acme', context.at)
    await done.remove(read)
    expect(await dueAt('reconcile', context.at)).toEqual(['acme'])
    // The control: the entry that was read last is removed.
    await done.remove((await listDueWork(dynamodb, stack.table, 'reconcile', context.at)).get('acme') ?? [])
    expect(await dueAt('reconcile', context.at)).toEqual([])
  })

  test('the quarters of an hour that a time belongs to', () => {
    const time = new Date('2026-03-04T05:06:07.000Z')
    expect(quarterOf(time).toISOString()).toBe('2026-03-04T05:00:00.000Z')
    expect(quarterAfter(time).toISOString()).toBe('2026-03-04T05:15:00.000Z')
    expect(quarterAfter(quarterOf(time))).toEqual(quarterOf(time))
  })

  test('the same key is made for the same project and time', () => {
    const key = dueKeyOf('proof', { project: 'acme', at: context.at })
    expect(dueKeyOf('proof', newDueEntry('acme', context.at))).toEqual(key)
    expect(dueKeyOf('reconcile', newDueEntry('acme', context.at)).id.S).toMatch(/^propagation#due#[0-9a-f]$/)
  })
})

describe('changes that make a project due', () => {
  beforeEach(async () => {
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, context)
  })
  const attach = async () => {
    const connection = await stack.connections.connect(settingsOf('acme'), context)
    return stack.connections.attach(connection, roleArnIn(ACME), context.at, context)
  }
  const clear = async () =>
    createDoneReconciles(dynamodb, stack.table).remove(
      [...(await listDueWork(dynamodb, stack.table, 'reconcile', later(days(1)))).values()].flat(),
    )

  test('a project is due for a reconcile when its role is attached, and for a proof at its minute of the day', async () => {
    await clear()
    await attach()
    expect(await dueAt('reconcile', context.at)).toEqual(['acme'])
    const proofAt = nextProofAt('acme', context.at)
    expect(await dueAt('proof', new Date(proofAt.getTime() - 1))).toEqual([])
    expect(await dueAt('proof', proofAt)).toEqual(['acme'])
  })

  test('a project is due for a reconcile when its rules change', async () => {
    await clear()
    await stack.projects.set('acme', { rules: { hardBounce: 'ignore' } }, context)
    expect(await dueAt('reconcile', context.at)).toEqual(['acme'])
  })

  test('a project is due for a reconcile when a proof restores its connection, and not after every proof', async () => {
    const connection = await attach()
    await clear()
    await stack.proofs.record(connection, { at: later(1_000), why: 'trust: loose', report: [] }, context)
    expect(await dueAt('reconcile', later(days(1)))).toEqual([])
    await stack.proofs.record(connection, { at: later(2_000), report: [] }, context)
    expect(await dueAt('reconcile', later(2_000))).toEqual(['acme'])
    await clear()
    await stack.proofs.record(connection, { at: later(3_000), report: [] }, context)
    expect(await dueAt('reconcile', later(days(1)))).toEqual([])
  })
})

describe('the daily pass over all projects', () => {
  test('the pass finds every project once a day, in slices', async () => {
    const ids = Array.from({ length: 2_500 }, (_, i) => `p${String(i).padStart(4, '0')}`)
    await Promise.all(
      ids.map((id) =>
        dynamodb.send(
          new PutItemCommand({ TableName: stack.table, Item: { id: { S: 'projects#all' }, facet: { S: id } } }),
        ),
      ),
    )
    const schedule = createProofSchedule(dynamodb, stack.table)
    const slice = () => nextDirectorySlice(dynamodb, stack.table, 'proof', stack.clock.now())
    const found: string[] = []
    for (let run = 0; run < 96; run++) {
      const next = await slice()
      found.push(...next.projects)
      await schedule.savePass(next)
      stack.clock.advance(minutes(15) - 1)
    }
    expect(found).toEqual(ids)
    stack.clock.advance(96)
    expect((await slice()).projects).toHaveLength(1_200)
  })

  test('a slice that was not stored as done is repeated', async () => {
    await stack.projects.add({ id: 'acme', account: ACME }, context)
    const slice = () => nextDirectorySlice(dynamodb, stack.table, 'reconcile', stack.clock.now())
    expect((await slice()).projects).toEqual(['acme'])
    expect((await slice()).projects).toEqual(['acme'])
    await createDoneReconciles(dynamodb, stack.table).savePass(await slice())
    expect((await slice()).projects).toEqual([])
  })
})
