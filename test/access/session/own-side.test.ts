import { describe, expect, test } from 'vitest'
import { tryToAssume } from '../../../src/access/proof/probe.ts'
import { readStsError } from '../../../src/access/session/aws-errors.ts'
import { readDenial } from '../../../src/access/session/denial.ts'
import { CUSTOMER, OURS, visitedAccount } from '../visited-account.ts'

const roleArn = `arn:aws:iam::${CUSTOMER}:role/sesame/sesame-acme`
const call = { project: 'acme', roleArn, seconds: 900, region: 'us-east-1' }
const sentence = `User: arn:aws:sts::${OURS}:assumed-role/sesame-dev-us-east-1-connection-probe/x is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`
const denied = (rest: string) =>
  Object.assign(new Error(`${sentence}${rest}`), {
    name: 'AccessDenied',
    $fault: 'client',
    $metadata: { requestId: 'request-1' },
  })

const ofOurs: [reason: string, policy: string, layer: string][] = [
  [' because no identity-based policy allows the sts:AssumeRole action', 'identity-based policy', 'identity'],
  [' with an explicit deny in an identity-based policy', 'identity-based policy', 'identity'],
  [
    ' with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSDenyAll',
    'identity-based policy',
    'identity',
  ],
  [' with an explicit deny in a service control policy', 'service control policy', 'organisation'],
  [' because no service control policy allows the sts:AssumeRole action', 'service control policy', 'organisation'],
  [' because no permissions boundary allows the sts:AssumeRole action', 'permissions boundary', 'boundary'],
  [' with an explicit deny in a permissions boundary', 'permissions boundary', 'boundary'],
  [' because no session policy allows the sts:AssumeRole action', 'session policy', 'session'],
  [' with an explicit deny in a VPC endpoint policy', 'VPC endpoint policy', 'VPC endpoint'],
  [' because no VPC endpoint policy allows the sts:AssumeRole action', 'VPC endpoint policy', 'VPC endpoint'],
]

const ofTheCustomer = [
  '',
  ' because no resource-based policy allows the sts:AssumeRole action',
  ' with an explicit deny in a resource-based policy',
  ' with an explicit deny in a resource control policy',
]

describe('a denial of AssumeRole', () => {
  test.each(ofOurs)('a denial of AssumeRole%s is not the customer’s', (reason, refusedBy, layer) => {
    const error = readStsError(denied(reason), call)
    expect(error).toMatchObject({ name: 'OwnSideRefusedError', layer: 'our permissions', retryable: true, refusedBy })
    expect(String(error)).not.toContain(roleArn)
    expect(readDenial(error)).toMatchObject({ layer })
  })

  test.each(ofTheCustomer)('a denial of AssumeRole%s is the customer’s', (reason) => {
    expect(readStsError(denied(reason), call)).toMatchObject({ name: 'TrustRefusedError', layer: 'trust' })
  })

  test('the probe takes a denial by our own side for no answer, and one by the customer for a refusal', async () => {
    const { sts } = await visitedAccount()
    const attemptWith = (reason: string) => {
      const failing = Object.assign(Object.create(sts), { send: async () => Promise.reject(denied(reason)) })
      return tryToAssume(failing, { project: 'acme', roleArn }, undefined)
    }
    for (const [reason] of ofOurs) expect(await attemptWith(reason)).toMatch(/^unclear: our own side may not/)
    for (const reason of ofTheCustomer) expect(await attemptWith(reason)).toBe('refused')
  })
})
