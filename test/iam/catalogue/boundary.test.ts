import { describe, expect, test } from 'vitest'
import type { Statement } from '../../../src/policy/document.ts'
import { evaluate, explain, type Principal } from '../../../src/policy/evaluate.ts'
import { ACCOUNT, boundary, stackRoles, templateRoles } from './roles.ts'

const CUSTOMER = '111122223333'
const anySession: Principal = {
  kind: 'session',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/one/one`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/sesame/one`,
  account: ACCOUNT,
  userId: 'AROA:one',
}

/** A context that meets the statement's conditions. Conditions on another account are met by a customer's account. */
function satisfying({ Condition = {} }: Statement): Record<string, string | string[]> {
  const keys = Object.entries(Condition).flatMap(([operator, wanted]) =>
    operator === 'Null' || operator.includes('Not') ? [] : Object.entries(wanted),
  )
  const concrete = (value: string) => value.replaceAll('*', 'x')
  return Object.fromEntries(
    keys.map(([key, [first = '', ...others]]) => [
      key,
      others.length === 0 && !key.startsWith('dynamodb:') ? concrete(first) : [first, ...others].map(concrete),
    ]),
  )
}

const grants = stackRoles.flatMap(({ name, identity }) =>
  identity.flatMap(({ document }) =>
    document.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap((statement) =>
      (statement.Action ?? []).flatMap((action) =>
        (statement.Resource ?? []).map((resource) => ({ name, statement, action, resource })),
      ),
    ),
  ),
)

describe('the boundary', () => {
  test('the boundary caps every role of the stack, and no other role', () => {
    for (const role of stackRoles) expect(role.boundary, role.name).toEqual(boundary)
    for (const role of templateRoles) expect(role.boundary, role.name).toBeUndefined()
  })

  test('the boundary allows each grant of each role', () => {
    for (const { name, statement, action, resource } of grants) {
      const concrete = resource === '*' ? resource : resource.replace('::*:', `::${CUSTOMER}:`).replaceAll('*', 'x')
      const decision = evaluate(
        {
          principal: anySession,
          action,
          resource: concrete,
          resourceAccount: ACCOUNT,
          context: {
            'aws:ResourceAccount': action === 'sts:AssumeRole' ? CUSTOMER : ACCOUNT,
            ...satisfying(statement),
          },
        },
        { identity: boundary },
      )
      expect(decision.verdict, `${name}, ${statement.Sid}: ${explain(decision)}`).toBe('allowed')
    }
  })

  test('the boundary allows no action that no role grants', () => {
    const granted = new Set(grants.map(({ action }) => action))
    const allowed = boundary.flatMap(({ document }) => document.Statement.flatMap(({ Action = [] }) => Action))
    expect(allowed.filter((action) => !granted.has(action))).toEqual([])
  })

  test('the boundary only allows, names each action, and does not exceed the size of a managed policy', () => {
    for (const { document } of boundary) {
      for (const { Effect, Action = [] } of document.Statement) {
        expect(Effect).toBe('Allow')
        for (const action of Action) expect(action).not.toMatch(/[*?]|^(iam|organizations|account):/)
      }
      expect(JSON.stringify(document).length).toBeLessThan(6144)
    }
  })
})
