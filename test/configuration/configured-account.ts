/**
 * The deployed stack, a customer's account with the role of iam/customer-access.yml, a proven connection, and the configuration that
 * manage-connection uses, under the deployed role of that function.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateEmailIdentityCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { SNSClient } from '@aws-sdk/client-sns'
import { STSClient } from '@aws-sdk/client-sts'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { createSessions } from '../../src/access/session/sessions.ts'
import { createConfiguration } from '../../src/configuration/configuration.ts'
import { createConnectionChanges } from '../../src/projects/change-connection.ts'
import { createProjectChanges } from '../../src/projects/change-project.ts'
import { configurationSetOf, type UsableConnection } from '../../src/projects/connection.ts'
import { createConnections } from '../../src/projects/connections.ts'
import { checkRoleArn } from '../../src/projects/role-arn.ts'

export const OURS = '123456789012'
export const ACME = '111122223333'
export const GLOBEX = '444455556666'
export const REGION = 'us-east-1'
const TABLE = 'sesame-dev-projects'

export const topic = (kind: 'bounces' | 'complaints' | 'activity', pair = 1) =>
  `arn:aws:sns:${REGION}:${OURS}:sesame-dev-connected-${kind}-${pair}`
export const QUEUE = `arn:aws:sqs:${REGION}:${OURS}:sesame-dev-feedback`

export type Deployed = Awaited<ReturnType<typeof deployed>>

export async function deployed() {
  const clock = createManualClock(new Date('2026-03-04T05:06:07.000Z'))
  const aws: Aws = await startAws({ clock })
  const root = new DynamoDBClient(aws.clientConfig(aws.credentials.root(OURS)))
  const roleArn = `arn:aws:iam::${OURS}:role/sesame/sesame-dev-${REGION}-configuration-management`
  const clientAs = (arn: string) => ({
    ...aws.clientConfig(aws.credentials.root(OURS)),
    credentials: async () => ({
      ...(await aws.assumeAsService('lambda.amazonaws.com', arn, 'sesame-dev-manage-connection')),
      expiration: new Date(0),
    }),
  })
  const client = clientAs(roleArn)
  const connections = { ...createConnections(root, TABLE), ...createConnectionChanges(root, TABLE) }
  const context = { by: 'ann', at: clock.now() }

  const queueUrl = aws.functions.get('manage-connection')?.environment.FEEDBACK_QUEUE_URL ?? ''

  const sessions = () => createSessions(new STSClient(client), clock.now)

  /** The configuration of one instance of the function: its sessions and clients are its own. */
  const configuration = () =>
    createConfiguration({
      dynamodb: new DynamoDBClient(client),
      table: TABLE,
      sessions: sessions(),
      client,
      topics: {
        bounces: [topic('bounces', 1), topic('bounces', 2)],
        complaints: [topic('complaints', 1), topic('complaints', 2)],
        activity: [topic('activity', 1), topic('activity', 2)],
      },
      queue: { arn: QUEUE, url: queueUrl },
      pause: async () => undefined,
    })

  return {
    aws,
    clock,
    root,
    table: TABLE,
    queueUrl,
    connections,
    configuration,
    sessions,
    /** A project whose customer has created the role, and whose proof has passed. */
    async connected(
      project: string,
      account: string,
      settings: Partial<Pick<UsableConnection, 'topics' | 'region'>> = {},
    ): Promise<UsableConnection> {
      await createProjectChanges(root, TABLE).add(
        { id: project, account, configurationSets: [configurationSetOf(project)] },
        context,
      )
      const connection = await connections.connect({ project, account, region: REGION, ...settings }, context)
      aws.roles.create(account, customerRoleOf(connection, OURS))
      const roleArn = checkRoleArn(`arn:aws:iam::${account}:role/sesame/sesame-${project}`, {
        account,
        ourAccount: OURS,
        partition: 'aws',
      })
      await connections.attach(connection, roleArn, clock.now(), context)
      return connections.usable(project)
    },
    /** The project's configuration set in SES. */
    set: (to: UsableConnection) =>
      aws.ses.account(to.account, to.region).configurationSets.get(configurationSetOf(to.project)),
    /** The console of an administrator in our account. */
    sns: new SNSClient(aws.clientConfig(aws.credentials.root(OURS))),
    /** A topic's policy, as an object. */
    policy: (arn: string) => JSON.parse(aws.sns.topics.get(arn)?.attributes.Policy ?? 'null'),
    /** Sends a mail as the customer's own application; `set: undefined` uses the identity's default. */
    async send(
      to: UsableConnection,
      address: string,
      set: string | undefined = configurationSetOf(to.project),
      tenant?: string,
    ) {
      const ses = new SESv2Client({ ...aws.clientConfig(aws.credentials.root(to.account)), region: to.region })
      const domain = `${to.project}.example`
      if (!aws.ses.account(to.account, to.region).identities.has(domain))
        await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: domain }))
      await ses.send(
        new SendEmailCommand({
          FromEmailAddress: `news@${domain}`,
          Destination: { ToAddresses: [address] },
          ConfigurationSetName: set,
          TenantName: tenant,
          Content: { Simple: { Subject: { Data: 'News' }, Body: { Text: { Data: 'News.' } } } },
        }),
      )
      await aws.settled()
    },
    /** The addresses of a project on the suppression list. */
    async listed(project: string) {
      const items = await aws.dynamodb.items('sesame-dev-suppressions')
      return items.filter((item) => item.project?.S === project).map((item) => item.address?.S)
    },
    /** Calls that changed something in a customer's account, or a policy of our topics and queue. */
    writes: () =>
      aws.record
        .filter(
          ({ action, verdict, role }) =>
            verdict === 'allowed' &&
            /^(ses:(Create|Put|Update|Delete)|sns:(Create|Set|Delete|Subscribe)|sqs:Set)/.test(action) &&
            role !== 'root',
        )
        .map(({ action }) => action),
  }
}
