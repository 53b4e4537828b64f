import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDue, lastDueAt, dueTimeOfDayMs } from '../../../src/access/proof/schedule.ts'
import { type ProofOutcome, proveDue } from '../../../src/access/proof/prove-due.ts'
import type { Connection } from '../../../src/projects/connection.ts'

const hour = 60 * 60_000
const place = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
const who = { by: 'test' }
const start = new Date('2026-03-04T00:00:00.000Z')
const connection = (project: string, checkedAt?: Date): Connection => ({
  project,
  account: '111122223333',
  region: 'us-east-1',
  roleArn: 'arn:aws:iam::111122223333:role/sesame/any',
  externalId: '0'.repeat(32),
  topics: 'ours',
  features: ['reading'],
  state: 'proven',
  revision: 'r',
  ...(checkedAt && { checkedAt }),
})
const projects = Array.from({ length: 500 }, (_, at) => `project-${at}`)

describe('the turn of a connection', () => {
  test('comes once a day, at a minute that its name decides', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{2,12}$/),
        fc.date({ min: start, max: new Date('2027-01-01'), noInvalidDate: true }),
        (project, now) => {
          const turn = lastDueAt(project, now)
          expect(turn <= now).toBe(true)
          expect(now.getTime() - turn.getTime()).toBeLessThan(24 * hour)
          expect(turn.getTime() % (24 * hour)).toBe(dueTimeOfDayMs(project))
        },
      ),
      { seed: 1, numRuns: 200 },
    )
  })

  test('is spread over the day: no hour has much more than its share', () => {
    const perHour = Map.groupBy(projects, (project) => Math.floor(dueTimeOfDayMs(project) / hour))
    expect(perHour.size).toBe(24)
    for (const [, { length }] of perHour) expect(length).toBeLessThan(3 * (projects.length / 24))
  })

  test('is over once it was proven, until the next day; one without a role has none', () => {
    const now = new Date(start.getTime() + 30 * hour)
    expect(isDue(connection('acme'), now)).toBe(true)
    expect(isDue(connection('acme', now), now)).toBe(false)
    expect(isDue(connection('acme', now), new Date(now.getTime() + 24 * hour))).toBe(true)
    const { roleArn: _, ...waiting } = connection('acme')
    expect(isDue(waiting, now)).toBe(false)
  })
})

describe('a round', () => {
  /** Connections that are kept in memory, and a proof of each that takes no time. */
  function world(time = Number.POSITIVE_INFINITY, broken = new Set<string>()) {
    const checked = new Map<string, Date>()
    let now = start
    const lines: ProofOutcome[] = []
    const round = () => {
      let left = time
      return proveDue(
        {
          connections: async function* () {
            for (const project of projects) yield connection(project, checked.get(project))
          },
          prove: async ({ project }) => {
            if (broken.has(project)) throw new TypeError('a defect')
            return { at: now, steps: [], usedNextId: false }
          },
          settle: async ({ project }) => {
            checked.set(project, now)
            return { conclusion: 'passed', state: 'proven' }
          },
          report: (line) => lines.push(line),
          now: () => now,
          hasTimeLeft: () => left-- > 0,
        },
        place,
        who,
      )
    }
    const pass = (milliseconds: number) => {
      now = new Date(now.getTime() + milliseconds)
    }
    return { round, pass, lines, checked }
  }

  test('every hour comes to each once a day', async () => {
    const { round, pass, lines } = world()
    await round()
    lines.length = 0
    for (let at = 0; at < 24; at++) {
      pass(hour)
      expect((await round()).left).toBe(0)
    }
    expect(lines.map(({ project }) => project).sort()).toEqual([...projects].sort())
  })

  test('that has no time for all is gone on with by the next, those that waited longest first', async () => {
    const { round, pass, lines } = world(100)
    const first = await round()
    expect(first.proven + first.left).toBe(projects.length)
    expect(first.left).toBeGreaterThan(0)
    let rounds = 1
    while (new Set(lines.map(({ project }) => project)).size < projects.length && rounds < 20) {
      pass(60_000)
      await round()
      rounds++
    }
    expect(rounds).toBeLessThan(8)
  })

  test('comes to all though some fail, and fails then, naming none but their number', async () => {
    const { round, lines } = world(Number.POSITIVE_INFINITY, new Set(['project-3', 'project-4']))
    await expect(round()).rejects.toThrow('2 of 500 connections failed to be proven')
    expect(lines).toHaveLength(500)
    expect(lines.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      { why: 'TypeError' },
      { why: 'TypeError' },
    ])
  })
})
