/** The dashboard of `npm start`: the handler of `sesame dashboard`, on the port of the embedded AWS, with the operator's role. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { dashboardDepsOf } from '../../src/cli/dashboard.ts'
import { createStack, type StackAccess } from '../../src/cli/stack.ts'
import { readAssets } from '../../src/dashboard/assets.ts'
import { createDashboard, dashboardPath } from '../../src/dashboard/dashboard.ts'
import type { DashboardHandler } from '../../src/dashboard/http.ts'
import { createSession } from '../../src/dashboard/session.ts'
import type { Aws } from '../aws.ts'

/**
 * The stack, accessed with sessions of the operator's role. A session lasts an hour, and the next one follows by itself.
 */
function dashboardStack(aws: Aws): StackAccess {
  const config = aws.clientConfig(aws.credentials.root(aws.account))
  const sts = new STSClient(config)
  const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-${aws.stage}-${aws.region}-operator`
  return createStack(aws.stage, {
    ...config,
    credentials: async () => {
      const { Credentials: given } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'dashboard' }))
      return {
        accessKeyId: given?.AccessKeyId ?? '',
        secretAccessKey: given?.SecretAccessKey ?? '',
        sessionToken: given?.SessionToken ?? '',
        ...(given?.Expiration && { expiration: given.Expiration }),
      }
    },
  })
}

export type ServedDashboard = {
  readonly handle: DashboardHandler
  /** The address with the token that the next browser exchanges. */
  readonly link: () => string
}

/** @param onOpened is told of each browser that opens it */
export async function demoDashboard(aws: Aws, url: string, onOpened: () => void): Promise<ServedDashboard> {
  const session = createSession(() => url, onOpened)
  const settings = { stage: aws.stage, region: aws.region, endpoint: url }
  const deps = await dashboardDepsOf(dashboardStack(aws), settings, { canWrite: true, now: () => aws.clock.now() })
  return {
    handle: createDashboard(deps, session, await readAssets()),
    link: () => `${url}${dashboardPath}#${session.token()}`,
  }
}
