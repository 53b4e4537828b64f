import { describe, expect, test } from 'vitest'
import { assumeRoleStatement, ownRoleStep } from '../../../src/access/proof/steps/own-role.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import { account, grantsOf, roleFiles } from '../../iam/role-files.ts'

const place = { partition: 'aws', region: 'us-east-1', account }
const [wanted] = parsePolicy({ Version: '2012-10-17', Statement: assumeRoleStatement(place) }, 'identity').Statement

const enter = ({ Action }: { readonly Action?: readonly string[] | undefined }) =>
  Action?.includes('sts:AssumeRole') ?? false
const entrants = roleFiles
  .filter(({ name }) => name !== 'connection-probe')
  .map((role) => ({ name: role.name, statements: grantsOf(role).flatMap(({ Statement }) => Statement.filter(enter)) }))
  .filter(({ statements }) => statements.length > 0)

test.each(entrants)('the statement that our own side is judged by is the one in iam/$name.yml', ({ statements }) => {
  expect(statements).toEqual([wanted])
})

test('the role that proves is one of those that enter', () => {
  expect(entrants.map(({ name }) => name)).toContain('configuration-management')
})

describe('our own side', () => {
  test('allows a customer’s role with an external id', () => {
    expect(ownRoleStep('arn:aws:iam::111122223333:role/sesame/sesame-acme', place)).toMatchObject({ verdict: 'passed' })
  })

  test.each([
    ['of our own account', `arn:aws:iam::${account}:role/sesame/sesame-acme`],
    ['outside of role/sesame/', 'arn:aws:iam::111122223333:role/sesame-acme'],
    ['of another partition', 'arn:aws-cn:iam::111122223333:role/sesame/sesame-acme'],
  ])('refuses a role %s, which proves nothing about the customer', (_, arn) => {
    expect(ownRoleStep(arn, place)).toMatchObject({ verdict: 'unknown', isOpen: true, layer: 'own role' })
  })
})
