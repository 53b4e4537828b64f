import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ProofOutcome, type ProofRun, proveDue } from '../../../src/access/proof/prove-due.ts'
import type { Connection } from '../../../src/projects/connection.ts'
import type { DueEntry } from '../../../src/projects/due-work.ts'
import { dueTimeOfDayMs, isDue, lastDueAt } from '../../../src/projects/proof-schedule.ts'

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
  /** Connections and their due entries in memory. A proof takes no time; a run has time for `perRun` proofs. */
  function createRuns(perRun = Number.POSITIVE_INFINITY, broken = new Set<string>()) {
    const checked = new Map<string, Date>()
    const due = new Map<string, DueEntry[]>()
    let now = start
    let isPassed = false
    let underWay = 0
    let most = 0
    const lines: ProofOutcome[] = []
    const tallies: ProofRun[] = []
    const run = () => {
      let left = perRun
      return proveDue(
        {
          connections: {
            find: async (project) => {
              if (project === 'project-unreadable') throw new SyntaxError('cannot be read')
              return connection(project, checked.get(project))
            },
          },
          listDue: async (at) => {
            const entries = [...due].map(([project, all]) => [project, all.filter((entry) => entry.at <= at)] as const)
            return new Map(entries.filter(([, { length }]) => length > 0))
          },
          nextSlice: async () => ({ projects: isPassed ? [] : projects, next: undefined }),
          schedule: {
            move: async (project, entries, at, tries = 0) => {
              const rest = (due.get(project) ?? []).filter((entry) => !entries.includes(entry))
              due.set(project, at ? [...rest, { project, at, tries, stamp: '' }] : rest)
            },
            savePass: async () => {
              isPassed = true
            },
          },
          prove: async ({ project }) => {
            most = Math.max(most, ++underWay)
            await new Promise(setImmediate)
            underWay--
            if (broken.has(project)) throw new TypeError('a defect')
            return { at: now, steps: [], usedNextId: false }
          },
          settle: async ({ project }) => {
            checked.set(project, now)
            return { conclusion: 'passed', state: 'proven' }
          },
          report: (line) => lines.push(line),
          tally: (run) => void tallies.push(run),
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
    return { run, pass, lines, tallies, due, most: () => most }
  }

  test('runs every quarter of an hour prove each connection once a day', async () => {
    const { run, pass, lines } = createRuns()
    await run()
    lines.length = 0
    for (let at = 0; at < 96; at++) {
      pass(hour / 4)
      expect((await run()).left).toBe(0)
    }
    expect(lines.map(({ project }) => project).sort()).toEqual([...projects].sort())
  })

  test('a run looks at the connections that are due and at no other', async () => {
    const { run, pass, lines, due } = createRuns()
    await run()
    lines.length = 0
    pass(hour)
    const expected = [...due].filter(([, entries]) => entries.some(({ at }) => at <= new Date(start.getTime() + hour)))
    await run()
    expect(lines).toHaveLength(expected.length)
    expect(lines.length).toBeLessThan(projects.length / 5)
  })

  test('a run that has no time for all connections is continued by the next runs', async () => {
    const { run, pass, lines, due } = createRuns(100)
    for (const project of projects) due.set(project, [{ project, at: start, tries: 0, stamp: '' }])
    let runs = 0
    while (new Set(lines.map(({ project }) => project)).size < projects.length && runs < 20) {
      await run()
      pass(60_000)
      runs++
    }
    expect(runs).toBeLessThan(8)
  })

  test('what a run has no time for is counted as left', async () => {
    const { run, pass } = createRuns()
    await run()
    pass(24 * hour)
    const short = createRuns(10)
    for (const project of projects) short.due.set(project, [{ project, at: start, tries: 0, stamp: '' }])
    const { proven, left } = await short.run()
    expect(proven + left).toBe(projects.length)
    expect(proven).toBeLessThanOrEqual(10)
  })

  test('32 proofs are under way at a time', async () => {
    const { run, most } = createRuns()
    await run()
    expect(most()).toBe(32)
  })

  test('proofs that fail with an error do not affect the others; the run then fails with their number', async () => {
    const { run, lines, pass, tallies } = createRuns(Number.POSITIVE_INFINITY, new Set(['project-3', 'project-4']))
    await expect(run()).rejects.toThrow('The proofs of 2 of 500 connections failed with an error')
    expect(tallies).toEqual([{ proven: 498, left: 0 }])
    expect(lines).toHaveLength(500)
    expect(lines.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      { why: 'TypeError' },
      { why: 'TypeError' },
    ])
    lines.length = 0
    pass(hour)
    await expect(run()).rejects.toThrow('The proofs of 2 of')
    expect(lines.filter(({ outcome }) => outcome === 'failed')).toHaveLength(2)
  })

  test('a connection that cannot be read fails alone', async () => {
    const { run, lines, due } = createRuns()
    due.set('project-unreadable', [{ project: 'project-unreadable', at: start, tries: 0, stamp: '' }])
    await expect(run()).rejects.toThrow('The proofs of 1 of 501 connections failed with an error')
    expect(lines.filter(({ outcome }) => outcome === 'proven')).toHaveLength(500)
    expect(due.get('project-unreadable')).toMatchObject([{ tries: 1 }])
  })
})
