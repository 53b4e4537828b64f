import { expect, test } from 'vitest'
import { costsOf } from '../../bench/activity-page.ts'
import { measureActivity } from '../../bench/activity-run.ts'

test('the benchmark of activity runs the real functions with copies and crashes, and the sealed counts are the truth', async () => {
  const figures = await measureActivity(1_500)
  expect(figures.wrong).toEqual([])
  expect(figures.kinds).toBeGreaterThan(15)
  expect(figures.crashes).toBeGreaterThan(0)
  expect(figures.deliveries).toBeGreaterThan(1_500)
  // One write for each event, and further ones for copies and counts. A delivery that fails as a whole writes nothing.
  expect(figures.units.writes).toBeGreaterThan(figures.events)
  expect(costsOf(figures).every(({ cost }) => cost > 0)).toBe(true)
})
