/**
 * Tries to assume a customer's role without knowing its external id.
 *
 * The function probe-connection runs this file, so it imports nothing that reads the external id of a connection. If a role accepts the
 * call, the session denies everything and has the shortest duration that STS offers, so there is nothing to steal.
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import { newExternalId } from '../../projects/external-id.ts'
import { readStsError } from '../session/aws-errors.ts'
import { TrustRefusedError } from '../session/errors.ts'
import { messageOf } from './step.ts'

/** `unclear`: STS neither allowed nor refused the call, for the reason given. */
export type ProbeAttempt = 'refused' | 'let in' | `unclear: ${string}`

export type ProbeResult = { readonly withoutId: ProbeAttempt; readonly randomId: ProbeAttempt }

/** Probes a role as a caller that knows no external id. Never rejects: an error is an `unclear` attempt. */
export type Probe = (project: string, roleArn: string) => Promise<ProbeResult>

/** Tries the role without an external id, and with a random one. */
export const probeRole = async (sts: STSClient, project: string, roleArn: string): Promise<ProbeResult> => ({
  withoutId: await tryToAssume(sts, { project, roleArn }, undefined),
  randomId: await tryToAssume(sts, { project, roleArn }, newExternalId()),
})

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
        RoleSessionName: `${project}.probe`,
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
