/** What each role may and may not do. The cases are data; the policies are the deployed files of iam/. */
import { readdirSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { parsePolicy } from '../../../src/policy/document.ts'
import { type AccessRequest, evaluate, explain, type Principal } from '../../../src/policy/evaluate.ts'
import { ACCOUNT, type Deployed, REGION, roleNamed, stackRoles, templateRoles } from './roles.ts'

const texts = v.union([v.string(), v.array(v.string())])
const allowed = {
  name: v.string(),
  role: v.string(),
  action: v.string(),
  /** `ACCOUNT` and `REGION` are replaced by the account and region of the stack. */
  resource: v.optional(texts, '*'),
  context: v.optional(v.record(v.string(), texts), {}),
}
const caseSchema = v.union([
  v.strictObject({
    ...allowed,
    verdict: v.picklist(['allowed', 'denied']),
    /** Statements that were added to the role. */
    added: v.optional(v.array(v.unknown())),
    decidedBy: v.optional(v.picklist(['identity', 'boundary'])),
    owner: v.optional(v.string(), ACCOUNT),
  }),
  v.strictObject({
    name: v.string(),
    role: v.string(),
    /** Who assumes the role: a service's name, a provider's ARN, or the ARN of a role. */
    assumedBy: v.string(),
    how: v.optional(v.picklist(['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity']), 'AssumeRole'),
    context: v.optional(v.record(v.string(), texts), {}),
    verdict: v.picklist(['allowed', 'denied']),
  }),
])
type Case = v.InferOutput<typeof caseSchema>

const here = (text: string) => text.replaceAll('ACCOUNT', ACCOUNT).replaceAll('REGION', REGION)
const context = (given: Case['context']) =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, Array.isArray(value) ? value.map(here) : here(value)]),
  )

const sessionOf = (arn: string): Principal => {
  const account = arn.split(':')[4] ?? ''
  const name = arn.split('/').at(-1)
  return {
    kind: 'session',
    arn: `arn:aws:sts::${account}:assumed-role/${name}/one`,
    roleArn: arn,
    account,
    userId: 'AROA:one',
  }
}

function principalOf(by: string): Principal {
  if (by.includes('-provider/') || by.startsWith('cognito')) return { kind: 'federated', provider: here(by) }
  if (by.endsWith('.amazonaws.com')) return { kind: 'service', service: by }
  return sessionOf(here(by))
}

/** The principal's own policies allow every role, so only the trust policy decides. */
const mayAssumeAnything = {
  name: 'administrator',
  document: parsePolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }] },
    'identity',
  ),
}

function judge(role: Deployed, given: Case) {
  if ('assumedBy' in given) {
    const request: AccessRequest = {
      principal: principalOf(given.assumedBy),
      action: `sts:${given.how}`,
      resource: role.arn,
      resourceAccount: ACCOUNT,
      context: context(given.context),
    }
    return [evaluate(request, { identity: [mayAssumeAnything], resource: role.trust, isTrust: true })]
  }
  const added = given.added && [
    { name: 'added', document: parsePolicy({ Version: '2012-10-17', Statement: given.added }, 'identity') },
  ]
  return [given.resource].flat().map((resource) =>
    evaluate(
      {
        principal: sessionOf(role.arn),
        action: given.action,
        resource: here(resource),
        // Only the policies of this account are evaluated, not those of another account.
        resourceAccount: ACCOUNT,
        context: { 'aws:ResourceAccount': here(given.owner), ...context(given.context) },
      },
      { identity: [...role.identity, ...(added ?? [])], ...(role.boundary && { boundary: role.boundary }) },
    ),
  )
}

const folder = new URL('cases/', import.meta.url)
const files = readdirSync(folder).map((file) => ({
  title: file.replace('.json', '').replaceAll('-', ' '),
  cases: v.parse(v.array(caseSchema), JSON.parse(readFileSync(new URL(file, folder), 'utf8'))),
}))

describe.each(files)('$title', ({ cases }) => {
  test.each(cases.map((given) => [`${given.role}: ${given.name}`, given] as const))('%s', (_, given) => {
    // A call with several resources is allowed if it is allowed on each.
    const decisions = judge(roleNamed(given.role), given)
    const denial = decisions.find(({ verdict }) => verdict === 'denied')
    expect(denial ? 'denied' : 'allowed', decisions.map(explain).join('\n')).toBe(given.verdict)
    if (denial && 'decidedBy' in given) expect(denial.decidedBy).toBe(given.decidedBy)
  })
})

describe('each role', () => {
  const cases = files.flatMap((file) => file.cases)
  test.each([...stackRoles, ...templateRoles].map(({ name }) => name))('%s has allowed and denied cases', (name) => {
    const own = cases.filter(({ role }) => role === name)
    // Calls in the embedded AWS exercise the roles of functions and of customers.
    if (!templateRoles.some((one) => one.name === name) || name === 'sesame-access') return
    expect(own.map(({ verdict }) => verdict)).toEqual(expect.arrayContaining(['allowed', 'denied']))
    expect(own.filter((one) => 'assumedBy' in one).map(({ verdict }) => verdict)).toEqual(
      expect.arrayContaining(['allowed', 'denied']),
    )
  })
})
