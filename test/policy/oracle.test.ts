import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { evaluate } from '../../src/policy/evaluate.ts'
import { runsOf } from '../runs.ts'
import { without } from './known-differences.ts'
import { oracleAllows } from './oracle.ts'
import { type RandomCase, randomCase } from './random-request.ts'

const known: { feature: string; documentation: string }[] = JSON.parse(
  readFileSync(new URL('known-differences.json', import.meta.url), 'utf8'),
)
// Fewer cases do not contain every listed difference.
const cases = Math.max(runsOf(12_000), 4_500)

const oursAllows = ({ request, policies }: RandomCase) => evaluate(request, policies).verdict === 'allowed'

async function agree(given: RandomCase): Promise<boolean> {
  return oursAllows(given) === (await oracleAllows(given.request, given.policies))
}

/** The listed features without which both agree, one if one suffices; `undefined` if the listed features do not explain the difference. */
async function findExplanation(given: RandomCase): Promise<string[] | undefined> {
  const present = Object.entries(without).filter(
    ([, change]) => JSON.stringify(change(given)) !== JSON.stringify(given),
  )
  for (const [feature, change] of present) {
    if (await agree(change(given))) return [feature]
  }
  const changed = present.reduce((current, [, change]) => change(current), given)
  return (await agree(changed)) ? present.map(([feature]) => feature) : undefined
}

test('an independent implementation reaches the same verdicts, except for differences that the AWS documentation explains', async () => {
  const unexplained: string[] = []
  const seen = new Set<string>()
  let allowed = 0
  for (let seed = 1; seed <= cases; seed += 1) {
    const given = randomCase(seed)
    allowed += oursAllows(given) ? 1 : 0
    if (await agree(given)) continue
    const features = await findExplanation(given)
    if (features === undefined) unexplained.push(`seed ${seed}: ${JSON.stringify(given)}`)
    else if (features.length === 1) for (const feature of features) seen.add(feature)
  }
  expect(unexplained.slice(0, 5)).toEqual([])
  expect(allowed / cases).toBeGreaterThan(0.25)
  expect(allowed / cases).toBeLessThan(0.75)
  expect([...seen].sort(), 'every listed difference still occurs').toEqual(known.map(({ feature }) => feature).sort())
})

test('every listed difference has a link to the AWS documentation', () => {
  expect(known.map(({ feature }) => feature).sort()).toEqual(Object.keys(without).sort())
  expect(known.filter(({ documentation }) => !documentation.startsWith('https://docs.aws.amazon.com/'))).toEqual([])
})
