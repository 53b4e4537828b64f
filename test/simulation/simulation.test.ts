import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bugs } from '../../local/simulation/bugs.ts'
import { createMachine } from '../../local/simulation/machine.ts'
import { expectedOf, type Happening } from '../../local/simulation/model.ts'
import { createRandom } from '../../local/simulation/random.ts'
import { type Parts, shrink } from '../../local/simulation/shrink.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../../local/simulation/main.ts', import.meta.url))

/** A simulation takes over the timers of its process, so it gets one of its own. */
const simulate = (...args: string[]): Promise<string> =>
  run(process.execPath, [main, ...args]).then(
    ({ stdout }) => stdout,
    (failed: { stdout: string; stderr: string }) => failed.stdout + failed.stderr,
  )

describe('a seed', () => {
  test('gives the same run in two processes, to the last call, and another seed gives another', {
    timeout: 120_000,
  }, async () => {
    const [first, second, other] = [
      await simulate('--seed', '7'),
      await simulate('--seed', '7'),
      await simulate('--seed', '8'),
    ]
    const digestOf = (text: string) => /^seed \d+: ([0-9a-f]{64})$/m.exec(text)?.[1]
    expect(digestOf(first)).toBeDefined()
    expect(digestOf(second)).toBe(digestOf(first))
    expect(digestOf(other)).not.toBe(digestOf(first))
    expect(first).toContain('1 seeds, 0 failed')
  })

  test('with a wrong option is refused with the option', async () => {
    expect(await simulate('--seed', 'x')).toContain('--seed must be a number from 1')
    expect(await simulate('--bug', 'none')).toContain('There is no bug "none"')
  })
})

test('every deliberate bug names a text that its file has exactly once', () => {
  for (const { file, from, to } of bugs) {
    const source = readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8')
    expect(source.split(from).length, `${file}: ${from}`).toBe(2)
    expect(to).not.toBe(from)
  }
  expect(new Set(bugs.map(({ name }) => name)).size).toBeGreaterThanOrEqual(15)
})

describe('the machine', () => {
  const quiet = () => new Promise<void>((resolve) => void setImmediate(resolve))

  test('runs tasks in the order of their times, and those of one time in an order that the seed alone decides', async () => {
    const orderOf = async (seed: string, delays: readonly number[]) => {
      const machine = createMachine(seed, 0, quiet)
      const ran: number[] = []
      for (const [index, delay] of delays.entries()) machine.after(delay, () => void ran.push(index))
      await machine.runUntil(100)
      return ran
    }
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }),
        async (seed, delays) => {
          const ran = await orderOf(seed, delays)
          expect(ran.map((index) => delays[index])).toEqual(delays.toSorted((a, b) => a - b))
          expect(await orderOf(seed, delays)).toEqual(ran)
        },
      ),
      { numRuns: 30 },
    )
    const many = Array.from({ length: 20 }, () => 1)
    expect(await orderOf('a', many)).not.toEqual(await orderOf('b', many))
  })

  test('runs what a task starts, moves its clock to each task, and leaves out a timer without its function', async () => {
    const machine = createMachine('seed', 1_000, quiet)
    const times: number[] = []
    machine.start(5, async () => {
      times.push(machine.now())
      machine.after(7, () => void times.push(machine.now()))
    })
    machine.after(6, () => void times.push(-1)).run = undefined
    await machine.runUntil(1_100)
    expect(times).toEqual([1_005, 1_012])
    expect(machine.now()).toBe(1_100)
  })
})

test('random numbers of one seed are the same, and spread over the whole range', () => {
  const [a, b, c] = [createRandom('a'), createRandom('a'), createRandom('b')]
  const draw = (random: ReturnType<typeof createRandom>) => Array.from({ length: 1_000 }, () => random.fraction())
  const drawn = draw(a)
  expect(draw(b)).toEqual(drawn)
  expect(draw(c)).not.toEqual(drawn)
  for (let tenth = 0; tenth < 10; tenth++)
    expect(drawn.filter((one) => Math.floor(one * 10) === tenth).length).toBeGreaterThan(50)
})

describe('the model of the list', () => {
  const at = (kind: Happening['kind'], atMs: number): Happening => ({ kind, atMs })
  const day = 86_400_000

  test('walks through what happened in the order of time, whatever the order in which it is told', () => {
    const happenings = [
      at('hard bounce', 1),
      at('reinstate', 2),
      at('complaint', 3),
      at('not spam', 4),
      at('suppress', 5),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(happenings, { minLength: 5 }), (told) => {
        expect(expectedOf(told, 10)).toEqual({ state: 'suppressed', reason: 'manual' })
      }),
      { numRuns: 20 },
    )
    expect(expectedOf([at('complaint', 3), at('not spam', 2)], 10).reason).toBe('complaint')
    expect(expectedOf([at('suppress', 3), at('reinstate', 3)], 10).state).toBe('clear')
  })

  test('suppresses for soft bounces on three days within fourteen only', () => {
    const soft = (...days: number[]) => days.map((number) => at('soft bounce', number * day + 1))
    expect(expectedOf(soft(1, 2, 3), 4 * day).reason).toBe('soft bounces')
    expect(expectedOf(soft(1, 1, 3), 4 * day).state).toBe('clear')
    expect(expectedOf(soft(1, 2, 20), 21 * day).state).toBe('clear')
    expect(expectedOf(soft(1, 2, 3), 60 * day).state).toBe('clear')
  })
})

describe('a failing run', () => {
  /** Fails if act 3 happens together with two faults. */
  const rerun = async (parts: Parts) =>
    parts.acts.includes(3) && parts.faults.includes('b') && parts.faults.includes('e') ? parts : undefined

  test('is made smaller until every act and every fault is needed', async () => {
    const first: Parts = { acts: [1, 2, 3, 4, 5, 6, 7], faults: ['a', 'b', 'c', 'd', 'e', 'f'] }
    const { smallest, runs } = await shrink(first, (parts) => parts, rerun)
    expect(smallest).toEqual({ acts: [3], faults: ['b', 'e'] })
    expect(runs).toBeLessThanOrEqual(60)
  })

  test('that needs no fault is shown without any', async () => {
    const first: Parts = { acts: [1, 2, 3], faults: ['a', 'b'] }
    const { smallest } = await shrink(
      first,
      (parts) => parts,
      async (parts) => (parts.acts.includes(2) ? parts : undefined),
    )
    expect(smallest).toEqual({ acts: [2], faults: [] })
  })
})
