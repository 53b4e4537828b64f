import { beforeEach, describe, expect, test } from 'vitest'
import { registerAttach } from '../../src/cli/attach.ts'
import { registerDoctor } from '../../src/cli/doctor.ts'
import { OURS, provenAccount, type Stack } from '../access/proof/proven-account.ts'
import { run } from './operator.ts'

const open = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OURS}:root` }, Action: 'sts:AssumeRole' },
}

let stack: Stack
let acme: Awaited<ReturnType<Stack['connect']>>
const sesame = (...args: readonly string[]) => {
  stack.clock.advance(1_000)
  return run(
    stack.aws,
    (program, context) => {
      registerAttach(program, context)
      registerDoctor(program, context, () => stack.aws.settled())
    },
    ...args,
  )
}
beforeEach(async () => {
  stack = await provenAccount()
  await stack.identity()
  acme = await stack.connect('acme')
})

describe('sesame attach', () => {
  test('stores a role that is right, and shows the checklist', async () => {
    stack.makeRole(acme.guest)
    const { printed, ok } = await sesame('attach', 'acme', acme.roleArn)
    expect(ok).toBe(true)
    expect(printed).toContain(`${acme.roleArn} is attached to acme.`)
    expect(printed).toContain('✓ trust')
    expect(printed).toMatch(/Is the trust relationship right\? +yes/)
    expect(printed).not.toContain(acme.externalId)
  })

  test('does not store one that lets strangers in, names it, and shows the trust policy to paste', async () => {
    stack.makeRole(acme.guest, { AssumeRolePolicyDocument: open })
    const { printed, ok } = await sesame('attach', 'acme', acme.roleArn)
    expect(ok).toBe(false)
    expect(printed).toContain(`${acme.roleArn} was not stored: trust: without an external id it refuses: no`)
    expect(printed).toContain('✗ trust          without an external id it refuses')
    expect(printed).toContain(`"sts:ExternalId": "${acme.externalId}"`)
  })

  test('refuses what is no role of the customer’s before anybody is asked', async () => {
    await expect(sesame('attach', 'acme', `arn:aws:iam::${OURS}:role/sesame/x`)).rejects.toThrow(/of our own account/)
  })
})

describe('sesame doctor', () => {
  beforeEach(async () => {
    stack.makeRole(acme.guest)
    await stack.attach('acme', acme.roleArn)
  })

  test('mends what has drifted, has a test mail come back, and leaves nothing on the list', async () => {
    const drifted = await sesame('doctor', 'acme')
    expect(drifted.ok).toBe(false)
    expect(drifted.printed).toContain('✗ configuration')
    expect(drifted.printed).toContain('sesame doctor acme --mend')
    const { printed, ok } = await sesame('doctor', 'acme', '--mend', '--mail')
    expect(printed).toContain('✓ configuration')
    expect(printed).toContain('✓ delivery       SES takes a test mail')
    expect(printed).toContain('✓ delivery       the bounce of the test mail arrives and is recorded')
    expect(ok).toBe(true)
    const items = await stack.aws.dynamodb.items('sesame-dev-suppressions')
    expect(items).toHaveLength(1)
    expect(JSON.stringify(items)).toContain('reinstated')
  })

  test('answers the three questions, and exits with 1 when one answer is no', async () => {
    stack.makeRole(acme.guest, { Policies: [] })
    const { printed, ok } = await sesame('doctor', 'acme')
    expect(ok).toBe(false)
    expect(printed).toMatch(/Is the trust relationship right\? +yes/)
    expect(printed).toMatch(/Are the permissions there\? +no +not so: reading: ses:GetAccount/)
    expect(printed).toMatch(/Is the session duration allowed\? +yes/)
    expect(printed).toContain('acme in 111122223333, us-east-1: quarantined')
    expect(printed).toMatch(/ +in the role's policy "reading":\n/)
  })

  test('looks at every connected project', async () => {
    const beta = await stack.connect('beta')
    stack.makeRole(beta.guest, { AssumeRolePolicyDocument: open })
    await stack.ask({ do: 'add-project', project: 'gamma', account: '777766665555' })
    const { printed, ok } = await sesame('doctor', '--all')
    expect(ok).toBe(false)
    expect(printed).toContain('acme in 111122223333')
    expect(printed).toContain('beta in 111122223333, us-east-1: waiting')
    expect(printed).not.toContain('gamma')
  })

  test('speaks JSON to machines, without what is to be pasted', async () => {
    stack.makeRole(acme.guest, { AssumeRolePolicyDocument: open })
    const { printed } = await sesame('doctor', '--all', '--json')
    expect(JSON.parse(printed)).toMatchObject({ project: 'acme', conclusion: 'failed', state: 'quarantined' })
    expect(printed).not.toContain(acme.externalId)
    expect(printed).not.toContain('"paste"')
  })

  test('needs a project, or --all', async () => {
    await expect(sesame('doctor')).rejects.toThrow('Name a project or use --all')
    await expect(sesame('doctor', 'acme', '--all')).rejects.toThrow('Name a project or use --all')
  })

  test('of a project that is not connected says so', async () => {
    await expect(sesame('doctor', 'nobody')).rejects.toThrow(/not connected: sesame connect nobody/)
  })
})
