import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { RoleFileError, readRoleFile, readRoleTemplate } from '../../src/template/role-file.ts'
import { minimumLength } from '../../tools/iam/lint/rules/head-comment.ts'
import { account, grantsOf, roleFiles, trustOf, withArns } from './role-files.ts'

const named = roleFiles.map((role) => [role.name, role] as const)
const roleOf = (name: string) => {
  const found = roleFiles.find((role) => role.name === name)
  if (!found) throw new Error(`No role ${name}`)
  return found
}

/** The statements that deny: docs/design/access.md#why-does-the-probe-have-control-roles */
const refusals = [
  'connection-probe RefuseOtherRolesOfThisAccount',
  'probe-control-open RefuseEverything',
  'probe-control-closed RefuseEverything',
]

describe.each(named)('iam/%s.yml', (name, role) => {
  test(`iam/${name}.yml says what the role may do, may not do, and why, each in ${minimumLength} characters or more`, () => {
    for (const [part, text] of Object.entries(role.head))
      expect(text.length, `length of ${part} in the head comment of iam/${name}.yml`).toBeGreaterThan(minimumLength)
  })

  test(`iam/${name}.yml names the role after file, stage and region, in at most 64 characters`, () => {
    expect(withArns(role.properties.RoleName, { 'sls:stage': 'test' })).toBe(`sesame-test-us-east-1-${name}`)
    const longest = withArns(role.properties.RoleName, { 'sls:stage': 'production', 'AWS::Region': 'ap-southeast-2' })
    expect(String(longest).length).toBeLessThanOrEqual(64)
  })

  test(`iam/${name}.yml names every statement by a verb phrase`, () => {
    for (const { Sid } of [...grantsOf(role), trustOf(role)].flatMap(({ Statement }) => Statement))
      expect(Sid).toMatch(/^([A-Z][a-z]*){2,}$/)
  })

  test(`iam/${name}.yml only allows, and names each action and each resource`, () => {
    for (const statement of grantsOf(role).flatMap(({ Statement }) => Statement)) {
      if (refusals.includes(`${name} ${statement.Sid}`)) {
        expect(statement.Effect).toBe('Deny')
        continue
      }
      expect(statement.Effect).toBe('Allow')
      expect(statement).not.toHaveProperty('NotAction')
      expect(statement).not.toHaveProperty('NotResource')
      for (const action of statement.Action ?? []) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/)
      // `*` only below something named (streams of a log group, objects under a prefix). Roles of other accounts only with an external
      // id, except for the probe, which checks that they reject a missing one.
      const entersOthers =
        name === 'connection-probe' || Object.keys(statement.Condition?.Null ?? {}).includes('sts:ExternalId')
      // AWS defines no resource for this action.
      const isOfEverything = statement.Action?.join() === 'dynamodb:ListStreams'
      // Topics of customers, for the queue of the stack only.
      const subscribes = 'sns:Endpoint' in (statement.Condition?.StringEquals ?? {})
      // Routes of the API: a project is one segment of the path, and a template or an identity another.
      const isRoute = statement.Action?.join() === 'execute-api:Invoke'
      for (const resource of isOfEverything ? [] : (statement.Resource ?? []))
        expect(
          entersOthers
            ? resource.replace('::*:', `::${account}:`)
            : subscribes
              ? resource.replace('sns:*:*:sesame-*-feedback', `sns:us-east-1:${account}:sesame-acme-feedback`)
              : isRoute
                ? resource.replace('/*/projects/', '/GET/projects/').replace('/projects/*/', '/projects/acme/')
                : resource,
        ).toMatch(/^arn:aws:[^*]+([:/]\*)?$/)
    }
  })

  test(`iam/${name}.yml pairs every ForAllValues, which an absent key satisfies, with a condition that requires the key`, () => {
    for (const { Condition = {} } of grantsOf(role).flatMap(({ Statement }) => Statement)) {
      const keys = Object.entries(Condition).flatMap(([operator, named]) =>
        operator.startsWith('ForAllValues:') ? Object.keys(named) : [],
      )
      for (const key of keys) expect(Condition.Null?.[key]).toEqual(['false'])
    }
  })
})

describe('trust policies', () => {
  test('only Lambda assumes the role of the functions that record events', () => {
    expect(trustOf(roleOf('notification-handler')).Statement).toMatchObject([
      { Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] },
    ])
  })

  test('only a person of this account with a second factor assumes the operator role, for one hour', () => {
    expect(trustOf(roleOf('operator')).Statement).toMatchObject([
      {
        Effect: 'Allow',
        Principal: { AWS: ['arn:aws:iam::123456789012:root'] },
        Action: ['sts:AssumeRole'],
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': ['true'] } },
      },
      {
        Sid: 'LetPeopleOfTheIdentityProviderIn',
        Principal: { AWS: ['arn:aws:iam::123456789012:root'] },
        Condition: { ArnEquals: { 'aws:PrincipalArn': [expect.stringContaining(':role/sesame-people/')] } },
      },
    ])
    expect(roleOf('operator').properties.MaxSessionDuration).toBe(3600)
  })
})

describe('an invalid role file', () => {
  const text = readFileSync(new URL('../../iam/operator.yml', import.meta.url), 'utf8')

  test.each([
    ['has no reason', text.replace('# why:', '#')],
    ['has two roles', `${text}\n  Another:\n    Type: AWS::IAM::Role\n    Properties: {}\n`],
    ['has no session duration', text.replace('      MaxSessionDuration: 3600\n', '')],
    ['has a path other than /sesame/', text.replace('Path: /sesame/', 'Path: /')],
    ['has no boundary', text.replace('      PermissionsBoundary:\n        Ref: Boundary\n', '')],
    ['includes a managed policy', text.replace('Path: /sesame/', 'Path: /sesame/\n      ManagedPolicyArns: []')],
  ])('a role file that %s is an error', (_, broken) => {
    expect(broken).not.toBe(text)
    expect(() => readRoleFile('operator', broken)).toThrow(RoleFileError)
  })

  test('a role file that serverless.yml does not include and that is no template is an error with the remedy', () => {
    expect(() => readRoleTemplate('operator', text)).toThrow(
      'iam/operator.yml is neither part of the stack nor a template. Add `- ${file(iam/operator.yml)}` to resources in serverless.yml',
    )
  })
})
