import { beforeAll, describe, expect, test } from 'vitest'
import { type Checkup, provenAccount, type Stack } from './proven-account.ts'

describe('a role as the template makes it', () => {
  let stack: Stack
  let proof: Checkup
  beforeAll(async () => {
    stack = await provenAccount()
    await stack.identity()
    const acme = await stack.connect('acme')
    stack.makeRole(acme.guest)
    proof = await stack.attach('acme', acme.roleArn)
  })

  test('passes every step that can be tried, and is attached', () => {
    expect(proof).toMatchObject({ attached: true, conclusion: 'passed', state: 'proven' })
  })
})
