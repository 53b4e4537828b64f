import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ProofOutcome, proveDue } from '../../../src/access/proof/prove-due.ts'
import { dueTimeOfDayMs, isDue, lastDueAt } from '../../../src/access/proof/schedule.ts'
import type { Connection } from '../../../src/projects/connection.ts'

const hour = 60 * 60_000
const deployment = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
const actor = { by: 'test' }
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

describe('the schedule of proofs', () => {
  test('a project is due once a day, at a time derived from its name', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{2,12}$/),
        fc.date({ min: start, max: new Date('2027-01-01'), noInvalidDate: true }),
        (project, now) => {
          const dueAt = lastDueAt(project, now)
          expect(dueAt <= now).toBe(true)
          expect(now.getTime() - dueAt.getTime()).toBeLessThan(24 * hour)
          expect(dueAt.getTime() % (24 * hour)).toBe(dueTimeOfDayMs(project))
        },
      ),
      { seed: 1, numRuns: 200 },
    )
  })

  test('due times are spread over the day: no hour has much more than its share', () => {
    const perHour = Map.groupBy(projects, (project) => Math.floor(dueTimeOfDayMs(project) / hour))
    expect(perHour.size).toBe(24)
    for (const [, { length }] of perHour) expect(length).toBeLessThan(3 * (projects.length / 24))
  })

  test('a proven connection is due again on the next day; a connection without a role is never due', () => {
    const now = new Date(start.getTime() + 30 * hour)
    expect(isDue(connection('acme'), now)).toBe(true)
    expect(isDue(connection('acme', now), now)).toBe(false)
    expect(isDue(connection('acme', now), new Date(now.getTime() + 24 * hour))).toBe(true)
    const { roleArn: _, ...waiting } = connection('acme')
    expect(isDue(waiting, now)).toBe(false)
  })
})

describe('proveDue', () => {
  /** Connections in memory. A proof takes no time; a run has time for `perRun` proofs. */
  function createRuns(perRun = Number.POSITIVE_INFINITY, broken = new Set<string>()) {
    const checked = new Map<string, Date>()
    let now = start
    const lines: ProofOutcome[] = []
    const run = () => {
      let left = perRun
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
        deployment,
        actor,
      )
    }
    const pass = (milliseconds: number) => {
      now = new Date(now.getTime() + milliseconds)
    }
    return { run, pass, lines, checked }
  }

  test('hourly runs prove each connection once a day', async () => {
    const { run, pass, lines } = createRuns()
    await run()
    lines.length = 0
    for (let at = 0; at < 24; at++) {
      pass(hour)
      expect((await run()).left).toBe(0)
    }
    expect(lines.map(({ project }) => project).sort()).toEqual([...projects].sort())
  })

  test('a run that has no time for all connections is continued by the next run, longest wait first', async () => {
    const { run, pass, lines } = createRuns(100)
    const first = await run()
    expect(first.proven + first.left).toBe(projects.length)
    expect(first.left).toBeGreaterThan(0)
    let runs = 1
    while (new Set(lines.map(({ project }) => project)).size < projects.length && runs < 20) {
      pass(60_000)
      await run()
      runs++
    }
    expect(runs).toBeLessThan(8)
  })

  test('proofs that fail with an error do not affect the others; the run then fails with their number', async () => {
    const { run, lines } = createRuns(Number.POSITIVE_INFINITY, new Set(['project-3', 'project-4']))
    await expect(run()).rejects.toThrow('The proofs of 2 of 500 connections failed with an error')
    expect(lines).toHaveLength(500)
    expect(lines.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      { why: 'TypeError' },
      { why: 'TypeError' },
    ])
  })
})
