/** What each service is created with: the clock, background work, and calls to the other services. */
import type { Clock } from './clock.ts'
import { type CredentialStore, serviceCaller } from './credentials.ts'
import { createIds } from './ids.ts'
import type { Roles } from './roles.ts'
import { AwsError, type Platform, type RequestHandler } from './service.ts'
import { credentialsIn } from './sts/sts.ts'
import type { Backend } from './wire/handler.ts'
import { SdkHash } from './wire/sdk-hash.ts'
import type { Work } from './work.ts'

export type PlatformContext = {
  account: string
  region: string
  clock: Clock
  work: Work
  roles: Roles
  credentials: CredentialStore
  serve: Backend['serve']
  requestHandler: RequestHandler
  /** How many runs wrote the state that this one goes on with. */
  runs: number
  /** The URL of the port once it is open. */
  endpoint: () => string
}

export function createPlatform(context: PlatformContext): Platform {
  const { account, region, clock, work, roles, credentials, serve, requestHandler, endpoint, runs } = context
  return {
    account,
    region,
    clock,
    work,
    createIds: (seed) => createIds(runs === 0 ? seed : `${seed}/${runs}`),
    callAsService: async (principal, behalf, service, operation, input) =>
      serve(service, operation, { ...input }, region, serviceCaller(principal, behalf)),
    callAsRole: async (roleArn, service, operation, input) => {
      const role = roles.byArn(roleArn)
      if (!role) throw new AwsError('AccessDeniedException', 'The role does not exist.', 403)
      return serve(service, operation, { ...input }, region, credentials.callerAs(role, 'service'))
    },
    callAsCaller: ({ caller, region: at }, service, operation, input) =>
      serve(service, operation, { ...input }, at, caller),
    assumeAsService: async (principal, roleArn, sessionName) => {
      const input = { RoleArn: roleArn, RoleSessionName: sessionName }
      const caller = serviceCaller(principal, { sourceAccount: account })
      return credentialsIn(await serve('sts', 'AssumeRole', input, region, caller))
    },
    clientConfig: (clientCredentials) => ({
      region,
      endpoint: endpoint(),
      credentials: clientCredentials,
      maxAttempts: 3,
      requestHandler,
      cacheMiddleware: true,
      sha256: SdkHash,
    }),
  }
}
