import { describe, expect, test } from 'vitest'
import { ACME, deployed, topic } from './configured-account.ts'

describe('configure', () => {
  test('sets up everything by which bounces and complaints reach the list, each call in a session of its own', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    const { done, left, topics } = await it.configuration().configure(acme)
    expect(topics).toBe('ours')
    expect(left).toEqual([])
    expect(done).toEqual([
      'let in its events at sesame-dev-connected-bounces-1 and sesame-dev-connected-complaints-1',
      'made the configuration set sesame-acme',
      `made the event destination sesame-bounces, BOUNCE to ${topic('bounces')}`,
      `made the event destination sesame-complaints, COMPLAINT to ${topic('complaints')}`,
    ])
    expect(it.set(acme)?.suppressedReasons).toEqual(['BOUNCE', 'COMPLAINT'])
    await it.send(acme, 'bounce@simulator.amazonses.com')
    await it.send(acme, 'complaint@simulator.amazonses.com')
    expect(await it.listed('acme')).toEqual(['bounce@simulator.amazonses.com', 'complaint@simulator.amazonses.com'])
  })

  test('twice is once', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    const before = it.writes().length
    const { done, left } = await it.configuration().configure(acme)
    expect({ done, left }).toEqual({ done: [], left: [] })
    expect(it.writes()).toHaveLength(before)
  })
})
