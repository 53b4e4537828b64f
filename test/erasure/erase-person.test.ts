import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ErasureDependencies, type ErasureRequest, erasePerson } from '../../src/erasure/erase-person.ts'
import { createMarkKeys, isMarkKey } from '../../src/suppression/erasure-mark.ts'
import { apiStack } from '../api/api-stack.ts'
import { runsOf } from '../runs.ts'

test('an erasure that is cut into slices, each as short as possible, erases what one slice erases', async () => {
  const stack = await apiStack()
  const waits: number[] = []
  const deps: ErasureDependencies = {
    dynamodb: stack.dynamodb,
    tables: {
      suppressions: 'sesame-dev-suppressions',
      projects: 'sesame-dev-projects',
      activity: 'sesame-dev-activity',
      sends: 'sesame-dev-sends',
    },
    activityDays: 1,
    keyOf: createMarkKeys('key'),
    passThrough: async () => ({ complete: true, undeleted: [] }),
    queues: [],
    now: stack.clock.now,
    wait: async (milliseconds) => void waits.push(milliseconds),
  }
  await stack.bounce('acme', 'ada@example.com')
  await stack.bounce('globex', 'ada@example.com')
  const request = { address: 'ada@example.com', keepHash: true, accountList: 'remove', preview: false } as const

  const erased: string[] = []
  let slices = 0
  for (let next: string | undefined = ''; next !== undefined && slices < 20; slices++) {
    // A clock that reaches the end of the slice at its second look.
    let looks = 0
    const now = () => new Date(stack.clock.now().getTime() + (looks++ < 1 ? 0 : 1_000))
    const wanted: ErasureRequest = { ...request, ...(next !== '' && { after: next }) }
    const slice = await erasePerson({ ...deps, now }, wanted, new Date(stack.clock.now().getTime() + 500))
    erased.push(...slice.projects.filter((one) => one.suppressions > 0).map(({ project }) => project))
    next = slice.next
  }
  expect(slices).toBeGreaterThan(2)
  expect(erased.sort()).toEqual(['acme', 'globex'])
  // The functions that send have read that the projects have hashes before the evidence is erased.
  expect(waits).toEqual([11_000])
  const left = await stack.aws.dynamodb.items('sesame-dev-suppressions')
  expect(left.every(({ address }) => isMarkKey(String(address?.S)))).toBe(true)
  expect(left).toHaveLength(2)
})

test('hashes of two projects, two addresses or two keys have nothing in common', () => {
  const text = fc.string({ minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(text, text, text, text, (key, project, one, another) => {
      fc.pre(one !== another && key !== another)
      const { blocking, gone } = createMarkKeys(key)(project, one)
      expect(isMarkKey(blocking) && isMarkKey(gone)).toBe(true)
      expect(createMarkKeys(key)(project, one)).toEqual({ blocking, gone })
      expect(createMarkKeys(key)(project, another).blocking).not.toBe(blocking)
      expect(createMarkKeys(another)(project, one).blocking).not.toBe(blocking)
      expect(createMarkKeys(key)(`${project}x`, one).blocking).not.toBe(blocking)
    }),
    { numRuns: runsOf(100) },
  )
})
