/**
 * Replaces `@aws-sdk/credential-provider-node` in the functions' bundles: credentials come only from the environment, where Lambda puts
 * the session of the function's role.
 *
 * The default chain also supports profiles, SSO, web identity, containers and instance metadata. A function needs none of them, and
 * loading them is a considerable part of a cold start. The session in the environment outlives the execution environment, so there is no
 * expiry to check.
 */

/** The environment contains no complete key pair: the code does not run as a Lambda function. */
export class NoEnvironmentCredentialsError extends Error {
  override readonly name = 'NoEnvironmentCredentialsError'
  readonly retryable = false
  constructor() {
    super('No credentials in the environment: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  }
}

/** SDK clients import this name and call it once per client. */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) throw new NoEnvironmentCredentialsError()
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  }
}
