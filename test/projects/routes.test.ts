import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BatchWriteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import type { SesEvent } from '../../src/intake/event.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { UnownedEventError } from '../../src/projects/unowned-event-error.ts'
import { ACME, contextAt, roleArnIn, type SettingsTable, settingsOf, settingsTable } from './settings-table.ts'

let stack: SettingsTable
let context: ReturnType<typeof contextAt>
beforeEach(async () => {
  stack = await settingsTable()
  context = contextAt(stack.clock.now())
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
const reads = () => stack.aws.dynamodb.meter(stack.table).reads
const minutes = (count: number) => stack.clock.advance(count * 60_000)

describe('an event', () => {
  test('an event belongs to the project of its configuration set, and only then to that of its account', async () => {
    await stack.projects.add({ id: 'whole', account: ACME }, context)
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }, context)
    const routes = stack.routes()
    expect(await routes.ownerOf(eventOf(ACME, 'sesame-acme'))).toBe('acme')
    expect(await routes.ownerOf(eventOf(ACME, 'other'))).toBe('whole')
    expect(await routes.ownerOf(eventOf(ACME))).toBe('whole')
  })

  test('an event without a configuration set belongs to the only project of its account, and to none of several', async () => {
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme', 'marketing'] }, context)
    expect(await stack.routes().ownerOf(eventOf(ACME))).toBe('acme')
    await stack.projects.add({ id: 'rival', account: ACME, configurationSets: ['rival'] }, context)
    await expect(stack.routes().ownerOf(eventOf(ACME))).rejects.toThrow(UnownedEventError)
  })

  test('an event of an account or a configuration set that no project owns is refused', async () => {
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }, context)
    const routes = stack.routes()
    await expect(routes.ownerOf(eventOf('999988887777', 'sesame-acme'))).rejects.toThrow(UnownedEventError)
    await expect(routes.ownerOf(eventOf(ACME, 'other'))).rejects.toThrow(UnownedEventError)
    await expect(routes.ownerOf(eventOf(undefined))).rejects.toThrow('names no mail.sendingAccountId')
  })

  test('an event of the configuration set of a connected project belongs to the project until it is disconnected', async () => {
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, context)
    const connection = await stack.connections.connect(settingsOf('acme'), context)
    await stack.connections.attach(connection, roleArnIn(ACME), context.at, context)
    expect(await stack.routes().ownerOf(eventOf(ACME, 'sesame-acme'))).toBe('acme')
    expect(await stack.routes().ownerOf(eventOf(ACME, 'marketing'))).toBe('acme')
    await stack.connections.disconnect('acme', context)
    await expect(stack.routes().ownerOf(eventOf(ACME, 'sesame-acme'))).rejects.toThrow(UnownedEventError)
    expect(await stack.routes().ownerOf(eventOf(ACME, 'marketing'))).toBe('acme')
  })
})

describe('the route cache', () => {
  test('concurrent lookups share one read, and later lookups need none until the TTL ends', async () => {
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }, context)
    const routes = stack.routes()
    stack.aws.dynamodb.resetMeter()
    await Promise.all(Array.from({ length: 50 }, () => routes.ownerOf(eventOf(ACME, 'sesame-acme'))))
    minutes(4)
    await routes.ownerOf(eventOf(ACME, 'sesame-acme'))
    expect(reads()).toBe(1)
    minutes(2)
    await routes.ownerOf(eventOf(ACME, 'sesame-acme'))
    expect(reads()).toBe(2)
  })

  test('the first event of a newly connected project never goes to the project of the whole account', async () => {
    await stack.projects.add({ id: 'whole', account: ACME }, context)
    const routes = stack.routes()
    expect(await routes.ownerOf(eventOf(ACME))).toBe('whole')
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, context)
    await stack.connections.connect(settingsOf('acme'), context)
    expect(await routes.ownerOf(eventOf(ACME, 'sesame-acme'))).toBe('acme')
  })

  test('a configuration set without a route is looked up once until the TTL ends', async () => {
    await stack.projects.add({ id: 'whole', account: ACME }, context)
    const routes = stack.routes()
    await routes.ownerOf(eventOf(ACME))
    stack.aws.dynamodb.resetMeter()
    for (let i = 0; i < 5; i++)
      await Promise.all(Array.from({ length: 10 }, () => routes.ownerOf(eventOf(ACME, 'newsletter'))))
    expect(reads()).toBe(1)
  })

  test('an event without an owner is looked up again after ten seconds', async () => {
    const routes = stack.routes()
    await expect(routes.ownerOf(eventOf(ACME, 'marketing'))).rejects.toThrow(UnownedEventError)
    await stack.projects.add({ id: 'acme', account: ACME, configurationSets: ['marketing'] }, context)
    await expect(routes.ownerOf(eventOf(ACME, 'marketing'))).rejects.toThrow(UnownedEventError)
    stack.clock.advance(10_000)
    expect(await routes.ownerOf(eventOf(ACME, 'marketing'))).toBe('acme')
  })

  test('a failed read is not cached', async () => {
    await stack.projects.add({ id: 'acme', account: ACME }, context)
    const { dynamodb } = stack
    const { send } = dynamodb
    dynamodb.send = () => Promise.reject(new Error('the network is down'))
    const routes = stack.routes()
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
      await stack.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [stack.table]: requests } }))
    }
    stack.aws.dynamodb.resetMeter()
  }
  const accountOf = (i: number) => String(100_000_000_000 + i)
  const heap = () => {
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    return process.memoryUsage().heapUsed
  }

  /** Answers the query for each account's route from memory and counts: through SDK, wire and gate, 10,000 of them would take 10 s. */
  const answerFromMemory = () => {
    const counted = { reads: 0 }
    const send = async (command: unknown) => {
      if (!(command instanceof QueryCommand)) throw new Error('Only queries are answered')
      counted.reads++
      const key = command.input.ExpressionAttributeValues?.[':id']?.S ?? ''
      const project = `p${Number(key.replace('route#', '')) - 100_000_000_000}`
      return { Items: [{ id: { S: key }, facet: { S: `sesame-${project}` }, project: { S: project } }] }
    }
    Object.assign(stack.dynamodb, { send })
    return counted
  }

  test('ten thousand projects in as many accounts are found with one read each, then from some 10 MB of memory', async () => {
    const counted = answerFromMemory()
    const routes = stack.routes()
    const before = heap()
    for (let i = 0; i < count; i++) expect(await routes.ownerOf(eventOf(accountOf(i), `sesame-p${i}`))).toBe(`p${i}`)
    expect(counted.reads).toBe(count)
    expect(heap() - before).toBeLessThan(24 * 1024 * 1024)
    for (let i = 0; i < count; i++) await routes.ownerOf(eventOf(accountOf(i), `sesame-p${i}`))
    expect(counted.reads).toBe(count)
  }, 120_000)

  test('an event of an account with ten thousand projects costs one read, whichever its configuration set', async () => {
    await write((i) => ({ account: ACME, set: `sesame-p${i}`, project: `p${i}` }))
    const routes = stack.routes()
    for (const i of [0, 4_999, 9_999]) expect(await routes.ownerOf(eventOf(ACME, `sesame-p${i}`))).toBe(`p${i}`)
    expect(reads()).toBe(3)
    await expect(routes.ownerOf(eventOf(ACME))).rejects.toThrow(UnownedEventError)
    // The route of the whole account, and one page of routes.
    expect(reads()).toBe(5)
  }, 120_000)

  test('invented configuration sets cost one read each, and displace no route of the cache', async () => {
    await write((i) => ({ account: ACME, set: i === 0 ? '*' : `sesame-p${i}`, project: `p${i}` }), 25)
    const routes = stack.routes(20)
    await routes.ownerOf(eventOf(ACME, 'sesame-p7'))
    await routes.ownerOf(eventOf(ACME, 'sesame-p8'))
    for (let i = 0; i < 200; i++) expect(await routes.ownerOf(eventOf(ACME, `invented-${i}`))).toBe('p0')
    expect(reads()).toBe(2 + 1 + 200)
    expect(await routes.ownerOf(eventOf(ACME, 'sesame-p7'))).toBe('p7')
    expect(reads()).toBe(203)
  })

  test('a smaller cache forgets the accounts that were used least recently', async () => {
    const few = 100
    await write((i) => ({ account: accountOf(i), set: `sesame-p${i}`, project: `p${i}` }), few)
    const routes = stack.routes(few / 2)
    const ownerOf = (i: number) => routes.ownerOf(eventOf(accountOf(i), `sesame-p${i}`))
    for (let i = 0; i < few; i++) await ownerOf(i)
    stack.aws.dynamodb.resetMeter()
    await ownerOf(few - 1)
    expect(reads()).toBe(0)
    await ownerOf(0)
    expect(reads()).toBe(1)
  })
})
