import { beforeAll, describe, expect, test } from 'vitest'
import { type Checkup, provenAccount, type Stack } from './proven-account.ts'

describe('a role that the template creates', () => {
  let stack: Stack
  let proof: Checkup
  beforeAll(async () => {
    stack = await provenAccount()
    await stack.identity()
    const acme = await stack.connect('acme')
    stack.makeRole(acme.roleInput)
    proof = await stack.attach('acme', acme.roleArn)
  })

  test('the role of the template passes every step that can be tried, and is attached', () => {
    expect(proof).toMatchObject({ attached: true, conclusion: 'passed', state: 'proven' })
  })
})
