import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { RoleFileError, readRoleFile } from '../../src/template/role-file.ts'
import { rolesTable } from '../../tools/iam/pages/roles-table.ts'
import { account, boundary, grantsOf, roleFiles, templates, trustOf, withArns } from './role-files.ts'

const named = roleFiles.map((role) => [role.name, role] as const)
const roleOf = (name: string) => {
  const found = roleFiles.find((role) => role.name === name)
  if (!found) throw new Error(`No role ${name}`)
  return found
}

describe.each(named)('iam/%s.yml', (name, role) => {
  test('says what the role may, may not, and why', () => {
    for (const part of Object.values(role.head)) expect(part.length).toBeGreaterThan(40)
  })

  test('names the role after its file, its stage and its region, within 64 characters', () => {
    expect(withArns(role.properties.RoleName, { 'sls:stage': 'test' })).toBe(`sesame-test-us-east-1-${name}`)
    const longest = withArns(role.properties.RoleName, { 'sls:stage': 'production', 'AWS::Region': 'ap-southeast-2' })
    expect(String(longest).length).toBeLessThanOrEqual(64)
  })

  test('gives every statement a verb phrase for a name', () => {
    for (const { Sid } of [...grantsOf(role), trustOf(role)].flatMap(({ Statement }) => Statement))
      expect(Sid).toMatch(/^([A-Z][a-z]*){2,}$/)
  })

  test('only allows, and names each action and each resource', () => {
    for (const statement of grantsOf(role).flatMap(({ Statement }) => Statement)) {
      expect(statement.Effect).toBe('Allow')
      expect(statement).not.toHaveProperty('NotAction')
      expect(statement).not.toHaveProperty('NotResource')
      for (const action of statement.Action ?? []) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/)
      // `*` only for what lies in something named (streams of a log group, objects under a prefix); another account's roles only with
      // an external id, but for the one role that tries whether they refuse it.
      const entersOthers =
        name === 'connection-probe' || Object.keys(statement.Condition?.Null ?? {}).includes('sts:ExternalId')
      // AWS knows no resource for it.
      const isOfEverything = statement.Action?.join() === 'dynamodb:ListStreams'
      // Topics of customers, for our own queue only.
      const subscribes = 'sns:Endpoint' in (statement.Condition?.StringEquals ?? {})
      for (const resource of isOfEverything ? [] : (statement.Resource ?? []))
        expect(
          entersOthers
            ? resource.replace('::*:', `::${account}:`)
            : subscribes
              ? resource.replace('sns:*:*:sesame-*-feedback', `sns:us-east-1:${account}:sesame-acme-feedback`)
              : resource,
        ).toMatch(/^arn:aws:[^*]+([:/]\*)?$/)
    }
  })

  test('pairs every ForAllValues, which an absent key satisfies, with a demand that the key be there', () => {
    for (const { Condition = {} } of grantsOf(role).flatMap(({ Statement }) => Statement)) {
      const keys = Object.entries(Condition).flatMap(([operator, named]) =>
        operator.startsWith('ForAllValues:') ? Object.keys(named) : [],
      )
      for (const key of keys) expect(Condition.Null?.[key]).toEqual(['false'])
    }
  })
})

describe('who assumes the roles', () => {
  test('the functions are run by Lambda alone', () => {
    expect(trustOf(roleOf('notification-handler')).Statement).toMatchObject([
      { Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] },
    ])
  })

  test('an operator is a person of this account with a second factor, for an hour', () => {
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

test('iam/README.md is the one that the role files make: npm run iam:readme', () => {
  expect(readFileSync(new URL('../../iam/README.md', import.meta.url), 'utf8')).toBe(
    rolesTable(roleFiles, boundary, templates),
  )
})

describe('what is no role file', () => {
  const text = readFileSync(new URL('../../iam/operator.yml', import.meta.url), 'utf8')

  test.each([
    ['has no reason', text.replace('# why:', '#')],
    ['has two roles', `${text}\n  Another:\n    Type: AWS::IAM::Role\n    Properties: {}\n`],
    ['has no session duration', text.replace('      MaxSessionDuration: 3600\n', '')],
    ['lies outside of /sesame/', text.replace('Path: /sesame/', 'Path: /')],
    ['has no boundary', text.replace('      PermissionsBoundary:\n        Ref: Boundary\n', '')],
    ['takes in a managed policy', text.replace('Path: /sesame/', 'Path: /sesame/\n      ManagedPolicyArns: []')],
  ])('one that %s', (_, broken) => {
    expect(broken).not.toBe(text)
    expect(() => readRoleFile('operator', broken)).toThrow(RoleFileError)
  })
})
