/** Assumes roles with the SDK, and reads the errors of its calls. */
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts'
import type { Aws } from '../../local/aws.ts'
import type { AwsCredentials } from '../../local/service.ts'

/** A session of a role, by AssumeRole with the given credentials. */
export async function assume(
  aws: Aws,
  by: AwsCredentials,
  input: Partial<AssumeRoleCommandInput> & { RoleArn: string },
): Promise<Required<AwsCredentials>> {
  const sts = new STSClient(aws.clientConfig(by))
  const { Credentials: credentials } = await sts.send(new AssumeRoleCommand({ RoleSessionName: 'test', ...input }))
  return {
    accessKeyId: credentials?.AccessKeyId ?? '',
    secretAccessKey: credentials?.SecretAccessKey ?? '',
    sessionToken: credentials?.SessionToken ?? '',
    expiration: credentials?.Expiration ?? new Date(0),
  }
}

/** The error of a call that must fail: name, status and message. */
export async function failure(call: Promise<unknown>): Promise<{ name: string; status: number; message: string }> {
  try {
    await call
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const metadata: { httpStatusCode?: number } = '$metadata' in cause ? { ...Object(cause.$metadata) } : {}
    return { name: cause.name, status: metadata.httpStatusCode ?? 0, message: cause.message }
  }
  throw new Error('The call did not fail')
}
