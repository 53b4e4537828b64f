/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles of our functions: credentials come from the environment,
 * where Lambda puts the session of the function's role, and from nowhere else.
 *
 * The chain that it replaces also knows profiles, SSO, web identity, containers and instance metadata. A function needs none of
 * them, and they are a good part of what a cold start loads. The session that Lambda hands over outlives the execution environment,
 * so there is no expiry to watch.
 */

/** Found no complete key pair in the environment: not running as a Lambda function. */
export class NoEnvironmentCredentialsError extends Error {
  override readonly name = 'NoEnvironmentCredentialsError'
  readonly retryable = false
  constructor() {
    super('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set')
  }
}

/** The export that SDK clients import by this name; called once per client. */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) throw new NoEnvironmentCredentialsError()
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  }
}
