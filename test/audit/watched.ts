/** The embedded AWS with one connected customer, and the uses of roles in it. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { connectionItemOf } from '../../src/projects/connection-item.ts'
import { directoryKey } from '../../src/projects/projects.ts'
import { assume } from '../local/sign-in.ts'

export const ours = '123456789012'
export const customer = '111122223333'
export const externalId = '0123456789abcdef0123456789abcdef'
export const customersRole = `arn:aws:iam::${customer}:role/sesame/sesame-access`
export const roleOf = (name: string) => `arn:aws:iam::${ours}:role/sesame/sesame-dev-us-east-1-${name}`
export const table = 'sesame-dev-role-uses'

export async function watchedAws(env: Record<string, string> = {}): Promise<Aws> {
  const aws = await startAws({ clock: createManualClock(new Date('2026-03-04T05:06:07Z')), env })
  aws.roles.create(customer, customersTrust('sesame-access', { StringEquals: { 'sts:ExternalId': externalId } }))
  const connection = {
    project: 'acme',
    account: customer,
    region: 'us-east-1',
    externalId,
    roleArn: customersRole,
    topics: 'ours',
    features: ['suppression'],
    state: 'waiting',
    revision: '1',
  } as const
  const admin = new DynamoDBClient(aws.clientConfig(aws.credentials.root(ours)))
  for (const Item of [connectionItemOf(connection), { id: { S: directoryKey }, facet: { S: 'acme' } }])
    await admin.send(new PutItemCommand({ TableName: 'sesame-dev-projects', Item }))
  await aws.settled()
  return aws
}

/** A customer's role that our account may assume. */
export const customersTrust = (RoleName: string, Condition?: object) => ({
  RoleName,
  Path: '/sesame/',
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ours}:root` },
      Action: 'sts:AssumeRole',
      ...(Condition && { Condition }),
    },
  },
})

/** One of our functions assumes a customer's role. */
export async function enter(
  aws: Aws,
  as: string,
  fn: string,
  input: { RoleArn?: string; RoleSessionName: string; ExternalId?: string },
): Promise<unknown> {
  const session = await aws.assumeAsService('lambda.amazonaws.com', roleOf(as), `sesame-dev-${fn}`)
  return assume(aws, session, { RoleArn: customersRole, ...input })
}

/** The stored uses of a role, without the notes about alarms. */
export async function usesOf(aws: Aws, role: string) {
  await aws.settled()
  const items = await aws.dynamodb.items(table)
  return items
    .filter((item) => item.role?.S === role && item.verdict)
    .map((item) => Object.fromEntries(Object.entries(item).map(([field, value]) => [field, value.S ?? value.N])))
}

export const alarmsIn = (aws: Aws) =>
  aws.eventbridge.events.filter((event) => event['detail-type'] === 'Unexpected Role Use').map(({ detail }) => detail)
