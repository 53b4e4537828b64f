import { beforeAll, describe, expect, test } from 'vitest'
import { type PolicyDocument, parsePolicy } from '../../src/policy/document.ts'
import { sessionOf } from '../../src/policy/request.ts'
import { type RoleInForce, readPoliciesInForce } from '../../src/template/policies-in-force.ts'
import { type ClaimsResult, checkAllClaims, problemsOf } from '../../tools/iam/claims/all-claims.ts'
import { checkRole, compileClaim, place, repository } from '../../tools/iam/claims/check.ts'
import { functionsOfStack } from '../../tools/iam/claims/functions.ts'
import { closureOf, pathsAmong, unexpectedPaths } from '../../tools/iam/claims/paths.ts'
import { claimsOf, stackClaimsFor } from '../../tools/iam/claims/read.ts'
import { reportOf } from '../../tools/iam/claims/report.ts'
import { fileNames } from '../../tools/iam/role-parts.ts'

describe('the claims of the role files', () => {
  let result: ClaimsResult
  beforeAll(() => {
    result = checkAllClaims({ withMutants: true })
  }, 300_000)

  test('every claim of every role file holds for all requests', () => {
    const { lines } = reportOf(result, 0)
    expect(lines.filter((line) => line.startsWith('does not hold') || line.startsWith('  '))).toEqual([])
    expect(result.checked.length).toBeGreaterThan(200)
  })

  test('every clause of "may not" has a claim, and every claim has a clause', () => {
    expect(result.problems).toEqual([])
    expect(result.roles).toBe(fileNames().length)
  })

  test('a mutant of its role violates every claim, so no claim is empty', () => {
    expect(result.falsified.filter(({ by }) => by === undefined).map(({ claim }) => claim.claim)).toEqual([])
    expect(result.falsified.filter(({ by }) => by?.includes(' / ')).length).toBeGreaterThan(100)
  })
})

describe('the escalation paths', () => {
  const role = (name: string, arn: string, identity: object[], trust: object[]): RoleInForce => ({
    name,
    arn,
    account: '123456789012',
    identity: [{ name, document: parsePolicy({ Version: '2012-10-17', Statement: identity }, 'identity') }],
    trust: { name: 'trust', document: parsePolicy({ Version: '2012-10-17', Statement: trust }, 'trust') },
    principal: sessionOf(arn, 'a-session'),
    sessionSeconds: 3600,
    resolve: (value) => value,
  })
  const arnOf = (name: string) => `arn:aws:iam::123456789012:role/${name}`
  const admit = (name: string) => ({ Effect: 'Allow', Principal: { AWS: arnOf(name) }, Action: 'sts:AssumeRole' })
  const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource })
  const code = 'arn:aws:lambda:us-east-1:123456789012:function:code'
  const roles = [
    role('first', arnOf('first'), [allow('sts:AssumeRole', arnOf('second'))], [admit('nobody')]),
    role('second', arnOf('second'), [allow('lambda:UpdateFunctionCode', code)], [admit('first')]),
    role('third', arnOf('third'), [allow('iam:PassRole', arnOf('second'))], [admit('nobody')]),
    // Its own permission is not enough: the trust policy of the second role does not name it.
    role('fourth', arnOf('fourth'), [{ ...allow('s3:GetObject', '*') }], [admit('nobody')]),
  ]
  const functions = [{ arn: code, role: arnOf('third') }]

  test('the escalation paths are those by which one role becomes another, and their closure follows them', () => {
    const paths = pathsAmong(roles, functions)
    expect(paths).toEqual({
      first: { assume: ['second'] },
      second: { code: ['third'] },
      third: { pass: ['second'] },
    })
    expect(closureOf(paths, 'first')).toEqual(['second', 'third'])
    expect(closureOf(paths, 'fourth')).toEqual([])
  })

  test('a path that the list does not name is reported, and so is a listed path that does not exist', () => {
    const listed = { first: { assume: ['second', 'fifth'] }, second: { code: 'functions' } }
    expect(unexpectedPaths(listed, pathsAmong(roles, functions), roles, functions)).toEqual([
      'iam/claims/paths.yml lists that first can assume fifth, but there is no such role',
      'iam/claims/paths.yml does not list that third can pass second',
    ])
  })

  test('the deployment reaches every role of the stack, and no other role reaches the deployment', () => {
    const { roles: ours } = readPoliciesInForce(repository, place)
    const paths = pathsAmong(ours, functionsOfStack())
    expect(closureOf(paths, 'deployment')).toEqual(
      expect.arrayContaining(['cloudformation-service', 'notification-handler', 'operator']),
    )
    for (const { name } of ours)
      if (name !== 'deployment') expect(closureOf(paths, name), name).not.toContain('cloudformation-service')
  })
})

describe('a check of the claims', () => {
  const { roles } = readPoliciesInForce(repository, place)
  const roleCalled = (name: string): RoleInForce => {
    const found = roles.find((role) => role.name === name)
    if (found === undefined) throw new Error(`no role ${name}`)
    return found
  }
  const withDocument = (role: RoleInForce, change: (document: PolicyDocument) => PolicyDocument): RoleInForce => ({
    ...role,
    identity: role.identity.map((policy) => ({ ...policy, document: change(policy.document) })),
  })
  const violatedBy = (role: RoleInForce) => {
    const claims = [...claimsOf(role.name), ...stackClaimsFor([role.name])]
    const compiled = claims.map((claim) => compileClaim(role, claim))
    return checkRole(role, compiled).checked.filter(({ explanation }) => explanation !== undefined)
  }

  test('a check of the claims notices a clause without a claim and a claim without a clause', () => {
    const claims = claimsOf('scheduler-target')
    expect(problemsOf('scheduler-target', claims)).toEqual([])
    expect(problemsOf('scheduler-target', claims.slice(1))).toEqual([
      'iam/scheduler-target.yml: no claim of iam/claims/scheduler-target.yml stands for "invoke any other function"',
    ])
    const [first] = claims
    expect(problemsOf('scheduler-target', first ? [...claims, { ...first, text: 'fly' }] : [])).toEqual([
      'iam/claims/scheduler-target.yml: "fly" is not in the "may not" of iam/scheduler-target.yml',
    ])
  })

  test('one changed word in a role file makes a claim fail, with the request that the change lets through', () => {
    const role = roleCalled('notification-handler')
    expect(violatedBy(role)).toEqual([])
    const changed = withDocument(role, (document) =>
      parsePolicy(JSON.parse(JSON.stringify(document).replace('"lastHard"', '"rulings"')), 'identity'),
    )
    const [violation, ...others] = violatedBy(changed)
    expect(others).toEqual([])
    expect(violation?.claim.text).toBe('change a ruling about an address')
    expect(violation?.example).toMatchObject({
      action: 'dynamodb:UpdateItem',
      context: { 'dynamodb:Attributes': 'rulings' },
    })
    expect(violation?.explanation).toContain('KeepEvidenceInTheList')
  })

  test('a grant of a service that no other statement of the role names violates a claim', () => {
    const role = roleCalled('role-audit')
    const extra = parsePolicy({ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' } }, 'identity')
    const wider = withDocument({ ...role }, (document) => ({
      ...document,
      Statement: [...document.Statement, ...extra.Statement],
    }))
    const { boundary: _, ...unlimited } = wider
    expect(violatedBy(unlimited).map(({ claim }) => claim.text)).toContain('assume a role')
    // The boundary leaves the roles of customers.
    expect(violatedBy(wider).map(({ claim }) => claim.text)).toContain('assume a role')
  })

  test('a trust policy that admits one more principal violates a claim, and the example names the principal', () => {
    const role = roleCalled('probe-control-open')
    const trust = role.trust
    expect(trust).toBeDefined()
    if (trust === undefined) return
    const other = JSON.stringify(trust.document).replace('-connection-probe"', '-operator"')
    const changed = { ...role, trust: { ...trust, document: parsePolicy(JSON.parse(other), 'trust') } }
    const [violation] = violatedBy(changed)
    expect(violation?.claim.text).toBe('Nobody but the probe can assume it')
    expect(violation?.example?.principal).toMatchObject({
      kind: 'session',
      roleArn: expect.stringMatching(/-operator$/),
    })
  })
})
