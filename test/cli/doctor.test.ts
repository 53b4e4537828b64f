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
  test('attach stores a role that passes the proof, and prints the checklist', async () => {
    stack.makeRole(acme.roleInput)
    const { printed, ok } = await sesame('attach', 'acme', acme.roleArn)
    expect(ok).toBe(true)
    expect(printed).toContain(`${acme.roleArn} is attached to acme.`)
    expect(printed).toContain('✓ trust')
    expect(printed).toMatch(/Is the trust relationship correct\? +yes/)
    expect(printed).not.toContain(acme.externalId)
  })

  test('attach does not store a role that can be assumed without an external id, and prints the trust policy to paste', async () => {
    stack.makeRole(acme.roleInput, { AssumeRolePolicyDocument: open })
    const { printed, ok } = await sesame('attach', 'acme', acme.roleArn)
    expect(ok).toBe(false)
    expect(printed).toContain(`${acme.roleArn} was not stored: trust: the role can be assumed without an external id`)
    expect(printed).toContain('✗ trust          the role can be assumed without an external id')
    expect(printed).toContain(`"sts:ExternalId": "${acme.externalId}"`)
  })

  test('attach refuses the ARN of a role in our own account without a call to AWS', async () => {
    await expect(sesame('attach', 'acme', `arn:aws:iam::${OURS}:role/sesame/x`)).rejects.toThrow(/of our own account/)
  })
})

describe('sesame doctor', () => {
  beforeEach(async () => {
    stack.makeRole(acme.roleInput)
    await stack.attach('acme', acme.roleArn)
  })

  test('doctor repairs drift, waits for the bounce of a test mail, and leaves no suppressed address', async () => {
    const drifted = await sesame('doctor', 'acme')
    expect(drifted.ok).toBe(false)
    expect(drifted.printed).toContain('✗ configuration')
    expect(drifted.printed).toContain('sesame doctor acme --repair')
    const { printed, ok } = await sesame('doctor', 'acme', '--repair', '--mail')
    expect(printed).toContain('✓ configuration')
    expect(printed).toContain('✓ delivery       SES accepts a test mail')
    expect(printed).toContain('✓ delivery       the bounce of the test mail arrives and is recorded')
    expect(ok).toBe(true)
    const items = await stack.aws.dynamodb.items('sesame-dev-suppressions')
    expect(items).toHaveLength(1)
    expect(JSON.stringify(items)).toContain('reinstated')
  })

  test('doctor --mend, the former name of --repair, still repairs drift', async () => {
    expect((await sesame('doctor', 'acme')).printed).toContain('✗ configuration')
    expect((await sesame('doctor', 'acme', '--mend')).printed).toContain('✓ configuration')
  })

  test('doctor answers the three questions, and exits with 1 if an answer is no', async () => {
    stack.makeRole(acme.roleInput, { Policies: [] })
    const { printed, ok } = await sesame('doctor', 'acme')
    expect(ok).toBe(false)
    expect(printed).toMatch(/Is the trust relationship correct\? +yes/)
    expect(printed).toMatch(/Are the permissions granted\? +no +reading: ses:GetAccount is not allowed/)
    expect(printed).toMatch(/Is the session duration allowed\? +yes/)
    expect(printed).toContain('acme in 111122223333, us-east-1: quarantined')
    expect(printed).toMatch(/ +in the role's policy "reading":\n/)
  })

  test('doctor --all checks every connected project', async () => {
    const beta = await stack.connect('beta')
    stack.makeRole(beta.roleInput, { AssumeRolePolicyDocument: open })
    await stack.ask({ do: 'add-project', project: 'gamma', account: '777766665555' })
    const { printed, ok } = await sesame('doctor', '--all')
    expect(ok).toBe(false)
    expect(printed).toContain('acme in 111122223333')
    expect(printed).toContain('beta in 111122223333, us-east-1: waiting')
    expect(printed).not.toContain('gamma')
  })

  test('doctor --json prints JSON without the texts to paste', async () => {
    stack.makeRole(acme.roleInput, { AssumeRolePolicyDocument: open })
    const { printed } = await sesame('doctor', '--all', '--json')
    expect(JSON.parse(printed)).toMatchObject({ project: 'acme', conclusion: 'failed', state: 'quarantined' })
    expect(printed).not.toContain(acme.externalId)
    expect(printed).not.toContain('"paste"')
  })

  test('doctor needs either a project or --all', async () => {
    await expect(sesame('doctor')).rejects.toThrow('Name a project or use --all')
    await expect(sesame('doctor', 'acme', '--all')).rejects.toThrow('Name a project or use --all')
  })

  test('doctor reports a project that is not connected', async () => {
    await expect(sesame('doctor', 'nobody')).rejects.toThrow(/not connected: run sesame connect nobody/)
  })
})
