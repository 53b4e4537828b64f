/**
 * An embedded AWS with a customer's account that has the role of iam/customer-access.yml, and a role of Sesame that may assume it.
 */
import { STSClient } from '@aws-sdk/client-sts'
import { startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { createSessions } from '../../src/access/session/sessions.ts'
import { type Feature, features } from '../../src/projects/connection.ts'

export const OURS = '123456789012'
export const CUSTOMER = '111122223333'
export const REGION = 'us-east-1'

/** A role of Sesame with the grant of the role files: assume role/sesame/*, and only with an external id. */
export const visitor = (name: string, path = '/sesame/') => ({
  RoleName: name,
  Path: path,
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
  },
  Policies: [
    {
      PolicyName: name,
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: {
          Sid: 'EnterCustomersAccounts',
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Resource: 'arn:aws:iam::*:role/sesame/*',
          Condition: { Null: { 'sts:ExternalId': 'false' } },
        },
      },
    },
  ],
})

export const connectionOf = (project: string, rest: Partial<ConnectionLike> = {}): ConnectionLike => ({
  project,
  account: CUSTOMER,
  region: REGION,
  roleArn: `arn:aws:iam::${rest.account ?? CUSTOMER}:role/sesame/sesame-${project}`,
  externalId: `${project.length}`.padStart(32, '0'),
  features: [...features],
  ...rest,
})
export type ConnectionLike = {
  project: string
  account: string
  region: string
  roleArn: string
  externalId: string
  nextExternalId?: string
  features: readonly Feature[]
}

export async function visitedAccount(connection = connectionOf('acme')) {
  const clock = createManualClock(new Date('2026-03-04T05:06:07.000Z'))
  const aws = await startAws({ template: { service: 'visit', resources: { Resources: {} } }, clock, region: REGION })
  aws.roles.create(OURS, visitor('visitor'))
  aws.roles.create(connection.account, customerRoleOf(connection, OURS))

  /** An STS client with a role of Sesame. Its own session is renewed for each call, as Lambda does. */
  const stsOf = (role: string): STSClient => {
    const own = () => aws.assumeAsService('lambda.amazonaws.com', role, 'function')
    return new STSClient({
      ...aws.clientConfig(aws.credentials.root(OURS)),
      credentials: async () => ({ ...(await own()), expiration: new Date(0) }),
    })
  }
  const sts = stsOf(`arn:aws:iam::${OURS}:role/sesame/visitor`)
  return {
    aws,
    clock,
    connection,
    sts,
    stsOf,
    sessions: createSessions(sts, clock.now),
    /** Calls of AssumeRole by Sesame, allowed and denied. */
    entries: () => aws.record.filter(({ action, account }) => action === 'sts:AssumeRole' && account === OURS),
    /** Deletes the customer's role and, unless `changed` is undefined, creates it again with these properties. */
    replaceRole(changed: object | undefined) {
      aws.roles.delete(connection.roleArn)
      if (changed) aws.roles.create(connection.account, { ...customerRoleOf(connection, OURS), ...changed })
    },
  }
}
