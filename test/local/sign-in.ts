/** A session of a role, by an administrator's AssumeRole. */
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts'
import type { Aws } from '../../local/aws.ts'
import type { AwsCredentials } from '../../local/service.ts'

export async function assume(
  aws: Aws,
  by: AwsCredentials,
  input: Partial<AssumeRoleCommandInput> & { RoleArn: string },
): Promise<Required<AwsCredentials>> {
  const sts = new STSClient(aws.clientConfig(by))
  const { Credentials: made } = await sts.send(new AssumeRoleCommand({ RoleSessionName: 'test', ...input }))
  return {
    accessKeyId: made?.AccessKeyId ?? '',
    secretAccessKey: made?.SecretAccessKey ?? '',
    sessionToken: made?.SessionToken ?? '',
    expiration: made?.Expiration ?? new Date(0),
  }
}

/** How a call fails: its error's name, status and message. */
export async function failure(call: Promise<unknown>): Promise<{ name: string; status: number; message: string }> {
  try {
    await call
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const metadata: { httpStatusCode?: number } = '$metadata' in cause ? { ...Object(cause.$metadata) } : {}
    return { name: cause.name, status: metadata.httpStatusCode ?? 0, message: cause.message }
  }
  throw new Error('the call did not fail')
}
