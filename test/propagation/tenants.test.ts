import { expect, test } from 'vitest'
import { startConnectedStack } from '../../bench/connected-stack.ts'
import { manage } from '../../src/cli/invoke.ts'
import { registerReconcile } from '../../src/cli/reconcile.ts'
import { ProjectAnswer } from '../../src/operations/answers.ts'
import { operatorOf, run } from '../cli/operator.ts'

async function withTenant() {
  const stack = await startConnectedStack()
  const account = stack.sesAccount('p000')
  const list = new Map()
  account.tenants.set('shop-17', { name: 'shop-17', id: 'tn-1', scope: 'TENANT', list })
  const request = { do: 'set-project', by: 'ann', project: 'p000', tenant: 'shop-17' }
  await manage(await operatorOf(stack.aws), request, ProjectAnswer)
  return { stack, account, list }
}

test('the list of a project’s tenant is kept in step instead of the account list', async () => {
  const { stack, account, list } = await withTenant()
  await stack.receive('p000', 'ann@example.com', 'hard')
  await stack.receive('p000', 'bob@example.com', 'complaint')
  await stack.aws.settled()
  expect([...list.keys()].sort()).toEqual(['ann@example.com', 'bob@example.com'])
  await stack.reinstate('p000', 'ann@example.com')
  await stack.aws.settled()
  expect([...list.keys()]).toEqual(['bob@example.com'])
  expect(account.accountList.size).toBe(0)
})

test('a reconcile of a project with a tenant reads the list of the tenant', async () => {
  const { stack, account, list } = await withTenant()
  const at = stack.clock.now()
  list.set('of-tenant@example.com', { address: 'of-tenant@example.com', reason: 'BOUNCE', at })
  account.accountList.set('of-account@example.com', { address: 'of-account@example.com', reason: 'BOUNCE', at })
  const { printed } = await run(stack.aws, registerReconcile, 'reconcile', 'p000')
  expect(printed).toMatch(/added from the account list +1/)
  expect(account.accountList.size).toBe(1)
})
