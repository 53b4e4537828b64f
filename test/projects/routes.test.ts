import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import type { SesEvent } from '../../src/intake/event.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { UnownedEventError } from '../../src/projects/unowned-event-error.ts'
import { ACME, occasion, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let at: SettingsTable
let by: ReturnType<typeof occasion>
beforeEach(async () => {
  at = await settingsTable()
  by = occasion(at.clock.now())
})

function eventOf(account: string | undefined, configurationSet?: string): SesEvent {
  const event = readEvent({
    eventType: 'Send',
    mail: {
      timestamp: '2026-03-04T05:06:07.000Z',
      messageId: 'm-1',
      source: 'news@acme.example',
      ...(account && { sendingAccountId: account }),
      destination: ['ann@example.com'],
      tags: configurationSet ? { 'ses:configuration-set': [configurationSet] } : {},
    },
    send: {},
  })
  if (event.type === 'NonEvent') throw new Error('it is an event')
  return event
}
const reads = () => at.aws.dynamodb.meter(at.table).reads
const minutes = (count: number) => at.clock.advance(count * 60_000)

describe('an event', () => {
  test('belongs to the project of its configuration set, before that of its account', async () => {
    await at.projects.add({ id: 'whole', account: ACME }, by)
    await at.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }, by)
    const routes = at.routes()
    expect(await routes.ownerOf(eventOf(ACME, 'sesame-acme'))).toBe('acme')
    expect(await routes.ownerOf(eventOf(ACME, 'other'))).toBe('whole')
    expect(await routes.ownerOf(eventOf(ACME))).toBe('whole')
  })

  test('without a configuration set belongs to the only project of its account, and to none of several', async () => {
    await at.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme', 'marketing'] }, by)
    expect(await at.routes().ownerOf(eventOf(ACME))).toBe('acme')
    await at.projects.add({ id: 'rival', account: ACME, configurationSets: ['rival'] }, by)
    await expect(at.routes().ownerOf(eventOf(ACME))).rejects.toThrow(UnownedEventError)
  })

  test('of an account or a configuration set that nobody owns is refused', async () => {
    await at.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }, by)
    const routes = at.routes()
    await expect(routes.ownerOf(eventOf('999988887777', 'sesame-acme'))).rejects.toThrow(UnownedEventError)
    await expect(routes.ownerOf(eventOf(ACME, 'other'))).rejects.toThrow(UnownedEventError)
    await expect(routes.ownerOf(eventOf(undefined))).rejects.toThrow('names no mail.sendingAccountId')
  })

  test('of a connected project belongs to it by the configuration set of its name, until it is disconnected', async () => {
    await at.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, by)
    const connection = await at.connections.connect(settingsOf('acme'), by)
    await at.connections.attach(connection, roleArnIn(ACME), by.at, by)
    expect(await at.routes().ownerOf(eventOf(ACME, 'sesame-acme'))).toBe('acme')
    expect(await at.routes().ownerOf(eventOf(ACME, 'marketing'))).toBe('acme')
    await at.connections.disconnect('acme', by)
    await expect(at.routes().ownerOf(eventOf(ACME, 'sesame-acme'))).rejects.toThrow(UnownedEventError)
    expect(await at.routes().ownerOf(eventOf(ACME, 'marketing'))).toBe('acme')
  })
})

describe('what is remembered', () => {
  test('costs one read for all who ask at once, and none while it is believed', async () => {
    await at.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }, by)
    const routes = at.routes()
    at.aws.dynamodb.resetMeter()
    await Promise.all(Array.from({ length: 50 }, () => routes.ownerOf(eventOf(ACME, 'sesame-acme'))))
    minutes(4)
    await routes.ownerOf(eventOf(ACME, 'sesame-acme'))
    expect(reads()).toBe(1)
    minutes(2)
    await routes.ownerOf(eventOf(ACME, 'sesame-acme'))
    expect(reads()).toBe(2)
  })

  test('never gives the first event of a project just connected to the project of the whole account', async () => {
    await at.projects.add({ id: 'whole', account: ACME }, by)
    const routes = at.routes()
    expect(await routes.ownerOf(eventOf(ACME))).toBe('whole')
    await at.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, by)
    await at.connections.connect(settingsOf('acme'), by)
    expect(await routes.ownerOf(eventOf(ACME, 'sesame-acme'))).toBe('acme')
  })

  test('costs one read for each configuration set that it does not name, and no more while it is believed', async () => {
    await at.projects.add({ id: 'whole', account: ACME }, by)
    const routes = at.routes()
    await routes.ownerOf(eventOf(ACME))
    at.aws.dynamodb.resetMeter()
    for (let i = 0; i < 5; i++)
      await Promise.all(Array.from({ length: 10 }, () => routes.ownerOf(eventOf(ACME, 'newsletter'))))
    expect(reads()).toBe(1)
  })

  test('is looked up again after ten seconds where nobody was found', async () => {
    const routes = at.routes()
    await expect(routes.ownerOf(eventOf(ACME, 'marketing'))).rejects.toThrow(UnownedEventError)
    await at.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, by)
    await expect(routes.ownerOf(eventOf(ACME, 'marketing'))).rejects.toThrow(UnownedEventError)
    at.clock.advance(10_000)
    expect(await routes.ownerOf(eventOf(ACME, 'marketing'))).toBe('acme')
  })

  test('is forgotten when reading failed', async () => {
    await at.projects.add({ id: 'acme', account: ACME }, by)
    const { dynamodb } = at
    const { send } = dynamodb
    dynamodb.send = () => Promise.reject(new Error('the network is down'))
    const routes = at.routes()
    await expect(routes.ownerOf(eventOf(ACME))).rejects.toThrow('the network is down')
    dynamodb.send = send
    expect(await routes.ownerOf(eventOf(ACME))).toBe('acme')
  })
})

describe('ten thousand projects', () => {
  const count = 10_000
  const write = async (route: (i: number) => { account: string; set: string; project: string }, many = count) => {
    for (let i = 0; i < many; i += 25) {
      const requests = Array.from({ length: 25 }, (_, k) => {
        const { account, set, project } = route(i + k)
        return { PutRequest: { Item: { id: { S: `route#${account}` }, facet: { S: set }, project: { S: project } } } }
      })
      await at.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [at.table]: requests } }))
    }
    at.aws.dynamodb.resetMeter()
  }
  const accountOf = (i: number) => String(100_000_000_000 + i)
  const heap = () => {
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    return process.memoryUsage().heapUsed
  }

  test('in as many accounts are found with one read each, then with none, from some 10 MB of memory', async () => {
    await write((i) => ({ account: accountOf(i), set: `sesame-p${i}`, project: `p${i}` }))
    const routes = at.routes()
    const before = heap()
    for (let i = 0; i < count; i++) expect(await routes.ownerOf(eventOf(accountOf(i), `sesame-p${i}`))).toBe(`p${i}`)
    expect(reads()).toBe(count)
    expect(heap() - before).toBeLessThan(24 * 1024 * 1024)
    for (let i = 0; i < count; i++) await routes.ownerOf(eventOf(accountOf(i), `sesame-p${i}`))
    expect(reads()).toBe(count)
  }, 120_000)

  test('in one account are found with one read, and each lookup takes no longer for their number', async () => {
    await write((i) => ({ account: ACME, set: `sesame-p${i}`, project: `p${i}` }))
    const routes = at.routes()
    const events = Array.from({ length: count }, (_, i) => eventOf(ACME, `sesame-p${i}`))
    await routes.ownerOf(eventOf(ACME, 'sesame-p0'))
    const pages = reads()
    expect(pages).toBeLessThanOrEqual(2)
    const started = performance.now()
    for (const [i, event] of events.entries()) expect(await routes.ownerOf(event)).toBe(`p${i}`)
    // Walking through all routes for each would take minutes.
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(reads()).toBe(pages)
  }, 120_000)

  test('are not all remembered where there is less room: those used longest ago are read again', async () => {
    const few = 100
    await write((i) => ({ account: accountOf(i), set: `sesame-p${i}`, project: `p${i}` }), few)
    const routes = at.routes(few)
    const ownerOf = (i: number) => routes.ownerOf(eventOf(accountOf(i), `sesame-p${i}`))
    for (let i = 0; i < few; i++) await ownerOf(i)
    at.aws.dynamodb.resetMeter()
    await ownerOf(few - 1)
    expect(reads()).toBe(0)
    await ownerOf(0)
    expect(reads()).toBe(1)
  })
})
