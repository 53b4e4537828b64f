import { beforeAll, describe, expect, test } from 'vitest'
import { failed, provenAccount, type Stack } from './proven-account.ts'
import { closed, loose, passing, right, withId } from './trust-policies.ts'

describe('a role whose trust policy', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await provenAccount()
    await stack.identity()
  })
  let count = 0

  async function attachWith(statements: (id: string) => object[]) {
    const { roleInput, externalId, roleArn } = await stack.connect(`acme-${count++}`, { features: ['reading'] })
    const Statement = statements(externalId)
    stack.makeRole(roleInput, { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement } })
    const project = roleInput.project
    return { project, externalId, roleArn, proof: await stack.attach(project, roleArn) }
  }

  test.each([...loose, ...closed])(
    'a role whose trust policy %s is not stored, and the proof says why',
    async (_, statements, failing) => {
      const { project, externalId, roleArn, proof } = await attachWith(statements)
      expect(proof).toMatchObject({ attached: false, conclusion: 'failed', state: 'waiting' })
      expect(failed(proof).map(({ step }) => step)).toEqual(failing)
      for (const step of failed(proof)) {
        expect(step.layer).toBe('trust')
        expect(step.found).toContain(roleArn)
        // The text to paste is the correct trust policy with the id. Nothing else in the answer contains the id.
        expect(step.paste).toContain(`"sts:ExternalId": "${externalId}"`)
        expect(step.paste).toContain(`role/sesame/*`)
      }
      const { steps, ...rest } = proof
      expect(JSON.stringify([rest, steps.map(({ paste: __, ...step }) => step)])).not.toContain(externalId)
      expect(proof.questions[0]).toMatchObject({ question: 'Is the trust relationship correct?', answer: 'no' })
      const items = JSON.stringify(await stack.aws.dynamodb.items('sesame-dev-projects'))
      expect(items).not.toContain(`role-arn#${roleArn}`)
      await expect(stack.prove(project)).resolves.toMatchObject({ state: 'waiting', conclusion: 'failed' })
    },
  )

  test.each(passing)('a role whose trust policy %s is stored', async (_, statements) => {
    const { proof, externalId } = await attachWith(statements)
    expect(failed(proof)).toEqual([])
    expect(proof).toMatchObject({ attached: true, state: 'proven' })
    const others = proof.steps.find(({ step }) => step === 'no other principal can assume the role, even with the id')
    expect(others).toMatchObject({ verdict: 'unknown', layer: 'trust' })
    expect(others?.paste).toContain(externalId)
  })

  test('a role that does not exist is not stored: STS gives the same answer as for a refusal', async () => {
    const { roleInput, roleArn } = await stack.connect('acme-none')
    const proof = await stack.attach(roleInput.project, roleArn)
    expect(failed(proof).map(({ step }) => step)).toEqual([withId])
    expect(failed(proof)[0]?.found).toMatch(/does not exist, or its trust policy/)
    expect(proof.steps.filter(({ verdict }) => verdict === 'skipped').map(({ layer }) => layer)).toEqual([
      'duration',
      'account',
      'permissions',
      'configuration',
    ])
  })

  test('no external id is in a log line, a recorded call or a stored proof', async () => {
    const { externalId } = await attachWith((id) => [right(id)])
    await stack.aws.settled()
    const logs = ['manage-connection', 'probe-connection'].map((name) =>
      stack.aws.lambda.logLines(`sesame-dev-${name}`),
    )
    expect(JSON.stringify([logs, stack.aws.record])).not.toContain(externalId)
    const stored = await stack.aws.dynamodb.items('sesame-dev-projects')
    const proofs = stored.filter(({ facet }) => JSON.stringify(facet).includes('proof#'))
    expect(proofs.length).toBeGreaterThan(0)
    expect(JSON.stringify(proofs)).not.toContain(externalId)
  })
})
