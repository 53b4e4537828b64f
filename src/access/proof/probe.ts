/**
 * Tries to assume a customer's role without knowing its external id.
 *
 * The function probe-connection runs this file, so it imports nothing that reads the external id of a connection. If a role accepts the
 * call, the session denies everything and has the shortest duration that STS offers, so there is nothing to steal.
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import { newExternalId } from '../../projects/external-id.ts'
import { probePurpose } from '../../session-purposes.ts'
import { readStsError } from '../session/aws-errors.ts'
import { TrustRefusedError } from '../session/errors.ts'
import { messageOf } from './step.ts'

/** `unclear`: STS neither allowed nor refused the call, for the reason given. */
export type ProbeAttempt = 'refused' | 'let in' | `unclear: ${string}`

export type ProbeResult = { readonly withoutId: ProbeAttempt; readonly randomId: ProbeAttempt }

/** Probes a role as a caller that knows no external id. Never rejects: an error is an `unclear` attempt. */
export type Probe = (project: string, roleArn: string) => Promise<ProbeResult>

/** ARNs of the two roles of the stack at which the probe shows that it notices the difference: iam/probe-control-open.yml and -closed.yml. */
export type ProbeControls = {
  /** Lets the probe in, whatever external id it sends or none. */
  readonly open: string
  /** Refuses every external id that the probe can send, and none. */
  readonly closed: string
}

/**
 * Tries the role without an external id, and with a random one. It tries the control roles first. A refusal counts only if both gave the
 * known result: docs/design/access.md#why-does-the-probe-have-control-roles
 */
export async function probeRole(
  sts: STSClient,
  project: string,
  roleArn: string,
  controls: ProbeControls,
): Promise<ProbeResult> {
  const problem = await problemOfControls(sts, project, controls)
  const withoutId = await tryToAssume(sts, { project, roleArn }, undefined)
  const randomId = await tryToAssume(sts, { project, roleArn }, newExternalId())
  return { withoutId: vouched(withoutId, problem), randomId: vouched(randomId, problem) }
}

/** `let in` needs no control: only a refusal can have another cause. */
const vouched = (attempt: ProbeAttempt, problem: string | undefined): ProbeAttempt =>
  attempt === 'refused' && problem !== undefined ? `unclear: ${problem}` : attempt

/** What is wrong with the probe itself, in words. `undefined` if both controls gave the known result. */
async function problemOfControls(
  sts: STSClient,
  project: string,
  { open, closed }: ProbeControls,
): Promise<string | undefined> {
  for (const [id, words] of [
    [undefined, 'without an external id'],
    [newExternalId(), 'with a random external id'],
  ] as const) {
    const atOpen = await tryToAssume(sts, { project, roleArn: open }, id)
    if (atOpen !== 'let in')
      return `our own probe cannot enter its open control role ${words} (${atOpen}), so its refusals prove nothing. Check the role connection-probe, its boundary, service control policies and VPC endpoint policies`
    const atClosed = await tryToAssume(sts, { project, roleArn: closed }, id)
    if (atClosed !== 'refused')
      return `our own probe is not refused at its closed control role ${words} (${atClosed}). Deploy the stack again`
  }
  return undefined
}

const denyEverything = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
})

type ProbedRole = { readonly project: string; readonly roleArn: string }

/** @param externalId sent with the call; `undefined` sends none */
export async function tryToAssume(
  sts: STSClient,
  { project, roleArn }: ProbedRole,
  externalId: string | undefined,
): Promise<ProbeAttempt> {
  const seconds = 900
  try {
    await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: `${project}.${probePurpose}`,
        DurationSeconds: seconds,
        Policy: denyEverything,
        ...(externalId !== undefined && { ExternalId: externalId }),
      }),
    )
    return 'let in'
  } catch (error) {
    const refusal = readStsError(error, { project, roleArn, seconds, region: await sts.config.region() })
    return refusal instanceof TrustRefusedError ? 'refused' : `unclear: ${messageOf(refusal)}`
  }
}
