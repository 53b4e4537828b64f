/**
 * Every random request falls into a class that the method found: a representative exists that matches the same statements and gets the same
 * decision. SESAME_AGREEMENT=1000000 sets how many requests are tried; docs/proofs.md has the figures of such a run.
 */
import { describe, expect, test } from 'vitest'
import { principalClassesOf } from '../../../src/policy/classes/principals.ts'
import { type Representative, representativesOf } from '../../../src/policy/classes/requests.ts'
import { type AccessRequest, evaluate, type Policies } from '../../../src/policy/evaluate.ts'
import { runsOf } from '../../runs.ts'
import { without } from '../known-differences.ts'
import { oracleAllows } from '../oracle.ts'
import { type RandomCase, randomCase } from '../random-request.ts'

const wanted = Number(process.env.SESAME_AGREEMENT ?? runsOf(100_000))
const requestsPerPolicies = 200

const documentsOf = ({ identity, session = [], boundary = [], resource }: Policies) =>
  [...identity, ...session, ...boundary, ...(resource === undefined ? [] : [resource])].map(({ document }) => document)

/** What the policies see of a request: which statements match, and what follows. */
function judgementOf(request: AccessRequest, policies: Policies): string {
  const { verdict, reasons } = evaluate(request, policies)
  return `${reasons.map(({ matched }) => Number(matched)).join('')} ${verdict}`
}

/** The tags that occur as variables within patterns have the values of the request, so that the question can be answered. */
const variables = ({ context }: AccessRequest) => ({
  'aws:PrincipalTag/team': context['aws:PrincipalTag/team'],
  'aws:PrincipalTag/absent': undefined,
})

const representatives = ({ request, policies }: RandomCase) =>
  representativesOf({
    documents: documentsOf(policies),
    principals: [request.principal],
    account: request.resourceAccount,
    fixed: variables(request),
  })

const judgementsOf = (given: RandomCase, keep: (one: Representative) => boolean = () => true) =>
  new Set(
    Array.from(representatives(given))
      .filter(keep)
      .map(({ request }) => judgementOf(request, given.policies)),
  )

/** The request of the case, and others with its principal and variables. */
function requestsFor({ request }: RandomCase, seed: number): AccessRequest[] {
  const { 'aws:PrincipalTag/team': team } = request.context
  return Array.from({ length: requestsPerPolicies }, (_, index) => {
    if (index === 0) return request
    const other = randomCase(seed * 1_000_003 + index).request
    const { 'aws:PrincipalTag/team': __, ...context } = other.context
    return {
      ...request,
      // Half of the requests have the action and resource that the policies are about.
      ...(index % 2 === 0 ? {} : { action: other.action, resource: other.resource }),
      context: team === undefined ? context : { ...context, 'aws:PrincipalTag/team': team },
    }
  })
}

describe('representatives', () => {
  test('every random request has a representative that matches the same statements and gets the same decision', () => {
    const missed: string[] = []
    let allowed = 0
    for (let seed = 1; seed <= Math.ceil(wanted / requestsPerPolicies); seed++) {
      const given = randomCase(seed)
      const found = judgementsOf(given)
      for (const request of requestsFor(given, seed)) {
        const judgement = judgementOf(request, given.policies)
        if (judgement.endsWith('allowed')) allowed++
        if (!found.has(judgement)) missed.push(`seed ${seed}: ${judgement} ${JSON.stringify(request)}`)
      }
    }
    expect(missed.slice(0, 3)).toEqual([])
    expect(allowed / wanted).toBeGreaterThan(0.05)
  }, 600_000)

  test.each<[string, (one: Representative) => boolean]>([
    ['absent keys', ({ request }) => Object.keys(request.context).length > 1],
    ['combinations of keys', ({ request }) => Object.keys(request.context).length < 2],
    ['values beyond the limits of a condition', ({ request }) => !/unreadable|x/.test(JSON.stringify(request.context))],
    ['resources with an ARN', ({ request }) => request.resource === '*'],
  ])('a method that left out %s would be noticed', (_, keep) => {
    let missed = 0
    for (let seed = 1; seed <= 40; seed++) {
      const given = randomCase(seed)
      const found = judgementsOf(given, keep)
      for (const request of requestsFor(given, seed)) if (!found.has(judgementOf(request, given.policies))) missed++
    }
    expect(missed).toBeGreaterThan(0)
  })

  test('every random principal has a representative that resource and trust policies judge alike', () => {
    const missed: string[] = []
    let tried = 0
    for (let seed = 1; tried < Math.max(1_000, wanted / 50); seed++) {
      const { policies, request: about } = randomCase(seed)
      const { resource, isTrust = false } = policies
      if (resource === undefined) continue
      const alone: Policies = { identity: [], resource, isTrust }
      const found = new Set<string>()
      const space = {
        documents: [resource.document],
        principals: principalClassesOf([resource.document], about.resourceAccount),
        account: about.resourceAccount,
        fixed: variables(about),
      }
      for (const { request } of representativesOf(space)) found.add(judgementOf(request, alone))
      for (let index = 0; index < 50; index++, tried++) {
        const { principal } = randomCase(seed * 7_919 + index).request
        const { ...request } = { ...requestsFor({ request: about, policies }, seed)[index % 40], principal }
        const judgement = judgementOf({ ...about, ...request, principal }, alone)
        if (!found.has(judgement)) missed.push(`seed ${seed}: ${judgement} ${JSON.stringify(request)}`)
      }
    }
    expect(missed.slice(0, 3)).toEqual([])
  }, 600_000)

  test('an independent implementation judges a sample of representatives alike, but for its documented differences', async () => {
    const disagreeing: string[] = []
    let judged = 0
    for (let seed = 1; judged < Math.max(400, wanted / 100); seed++) {
      const given = randomCase(seed)
      const all = Array.from(representatives(given))
      const known = all.filter(({ request }) => isKnownToAws(request, given.request))
      for (let index = 0; index < known.length; index += Math.max(1, Math.floor(known.length / 6))) {
        const request = known[index]?.request
        // Only ours fails closed on a value that it cannot read.
        if (request === undefined || evaluate(request, given.policies).reasons.some(({ closed }) => closed)) continue
        judged++
        if (!(await agrees({ request, policies: given.policies })))
          disagreeing.push(`seed ${seed}: ${JSON.stringify(request)} ${JSON.stringify(given.policies)}`)
      }
    }
    expect(disagreeing.slice(0, 3)).toEqual([])
  }, 600_000)
})

/** The independent implementation refuses actions and resources that AWS does not have, and keys that the service does not supply. */
function isKnownToAws({ action, resource, context }: AccessRequest, original: AccessRequest): boolean {
  const supplied = ['aws:', `${action.split(':')[0]}:`]
  return (
    action === original.action &&
    resource === original.resource &&
    Object.entries(context).every(
      ([key, value]) => supplied.some((prefix) => key.toLowerCase().startsWith(prefix)) && value !== '',
    )
  )
}

async function agrees(given: RandomCase): Promise<boolean> {
  const alike = async ({ request, policies }: RandomCase) =>
    (evaluate(request, policies).verdict === 'allowed') === (await oracleAllows(request, policies))
  if (await alike(given)) return true
  return alike(Object.values(without).reduce((current, change) => change(current), given))
}
