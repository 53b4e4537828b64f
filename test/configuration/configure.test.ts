import { describe, expect, test } from 'vitest'
import { ACME, deployed, topic } from './configured-account.ts'

describe('configure', () => {
  test('configure sets up all that brings bounces and complaints to the list', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    const { done, remaining, topics } = await it.configuration().configure(acme)
    expect(topics).toBe('ours')
    expect(remaining).toEqual([])
    expect(done).toEqual([
      'allowed SES to publish events of acme to sesame-dev-connected-bounces-1 and sesame-dev-connected-complaints-1',
      'created the configuration set sesame-acme',
      `created the event destination sesame-bounces: BOUNCE to ${topic('bounces')}`,
      `created the event destination sesame-complaints: COMPLAINT to ${topic('complaints')}`,
    ])
    expect(it.set(acme)?.suppressedReasons).toEqual(['BOUNCE', 'COMPLAINT'])
    await it.send(acme, 'bounce@simulator.amazonses.com')
    await it.send(acme, 'complaint@simulator.amazonses.com')
    expect(await it.listed('acme')).toEqual(['bounce@simulator.amazonses.com', 'complaint@simulator.amazonses.com'])
  })

  test('configure is idempotent', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    const before = it.writes().length
    const { done, remaining } = await it.configuration().configure(acme)
    expect({ done, remaining }).toEqual({ done: [], remaining: [] })
    expect(it.writes()).toHaveLength(before)
  })
})
