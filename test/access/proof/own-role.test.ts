import { describe, expect, test } from 'vitest'
import { assumeRoleStatement, ownRoleStep } from '../../../src/access/proof/steps/own-role.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import { account, grantsOf, roleFiles } from '../../iam/role-files.ts'

const deployment = { partition: 'aws', region: 'us-east-1', account }
const [wanted] = parsePolicy(
  { Version: '2012-10-17', Statement: assumeRoleStatement(deployment) },
  'identity',
).Statement

type Assuming = { readonly Action?: readonly string[] | undefined; readonly Resource?: readonly string[] | undefined }
/** Not of our own account: those roles belong to the stack. */
const assumesRoles = ({ Action, Resource }: Assuming) =>
  (Action?.includes('sts:AssumeRole') ?? false) && !Resource?.every((arn) => arn.includes(`::${account}:role/`))
const rolesThatAssume = roleFiles
  .filter(({ name }) => name !== 'connection-probe')
  .map((role) => ({
    name: role.name,
    statements: grantsOf(role).flatMap(({ Statement }) => Statement.filter(assumesRoles)),
  }))
  .filter(({ statements }) => statements.length > 0)

test.each(rolesThatAssume)(
  'the statement that the step evaluates equals the one in iam/$name.yml',
  ({ statements }) => {
    expect(statements).toEqual([wanted])
  },
)

test('the role that makes proofs is one of the roles that assume customer roles', () => {
  expect(rolesThatAssume.map(({ name }) => name)).toContain('configuration-management')
})

describe('ownRoleStep', () => {
  test('our own role may assume a customer role with an external id', () => {
    expect(ownRoleStep('arn:aws:iam::111122223333:role/sesame/sesame-acme', deployment)).toMatchObject({
      verdict: 'passed',
    })
  })

  test.each([
    ['in our own account', `arn:aws:iam::${account}:role/sesame/sesame-acme`],
    ['outside of role/sesame/', 'arn:aws:iam::111122223333:role/sesame-acme'],
    ['in another partition', 'arn:aws-cn:iam::111122223333:role/sesame/sesame-acme'],
  ])('our own role may not assume a role %s, so the proof has no result', (_, arn) => {
    expect(ownRoleStep(arn, deployment)).toMatchObject({ verdict: 'unknown', isOpen: true, layer: 'own role' })
  })
})
