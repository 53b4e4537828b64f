/**
 * Tries to get into a role and throws away what it gets.
 *
 * Should the role let us in, the session is cut to nothing and as short as STS makes them: there is nothing to steal.
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import { readStsError } from '../session/aws-errors.ts'
import { TrustRefusedError } from '../session/errors.ts'
import { messageOf } from './step.ts'

/** `unclear` with what STS said instead: neither a refusal nor an entrance. */
export type ProbeAttempt = 'refused' | 'let in' | `unclear: ${string}`

const nothing = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
})

type Door = { readonly project: string; readonly roleArn: string }

/** @param externalId not said at all if undefined */
export async function tryToAssume(
  sts: STSClient,
  { project, roleArn }: Door,
  externalId: string | undefined,
): Promise<ProbeAttempt> {
  const seconds = 900
  try {
    await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: `${project}.probe`,
        DurationSeconds: seconds,
        Policy: nothing,
        ...(externalId !== undefined && { ExternalId: externalId }),
      }),
    )
    return 'let in'
  } catch (error) {
    const refused = readStsError(error, { project, roleArn, seconds, region: await sts.config.region() })
    return refused instanceof TrustRefusedError ? 'refused' : `unclear: ${messageOf(refused)}`
  }
}
