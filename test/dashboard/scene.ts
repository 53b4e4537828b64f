/**
 * What the dashboard is shown with in tests and screenshots: three customers on the embedded AWS, mail that bounces, dead letters, and counts of the
 * days before. Everything but those counts happens on the embedded AWS.
 */
import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { GetRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { type Aws, startAws } from '../../local/aws.ts'
import { careless, customers, joinSesame } from '../../local/demo/customers.ts'
import { sendMail } from '../../local/demo/main-flow.ts'
import { type Day, dayOf } from '../../src/activity/bucket.ts'
import { addTo, type Counts, volumeOfCounts } from '../../src/activity/counts.ts'
import type { Domains } from '../../src/activity/domains.ts'
import { countsKeyOf, domainsTextOf, sealedAttributesOf } from '../../src/activity/stored-day.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { dashboardDepsOf } from '../../src/cli/dashboard.ts'
import { type Assets, readAssets } from '../../src/dashboard/assets.ts'
import { createDashboard, dashboardPath } from '../../src/dashboard/dashboard.ts'
import { openDashboardServer } from '../../src/dashboard/server.ts'
import { createSession } from '../../src/dashboard/session.ts'
import type { DashboardDeps, DashboardStack } from '../../src/dashboard/stack.ts'
import { dayMs } from '../../src/time.ts'
import { operatorOf, run } from '../cli/operator.ts'
import { sesEvent } from '../suppression/feedback.ts'

/** Two customers that send, one whose role is refused, dead letters, and a connection that breaks. */
export async function preparedAws(): Promise<Aws> {
  const aws = await startAws()
  const stack = await operatorOf(aws)
  for (const party of [...customers, careless]) await joinSesame(aws, stack, party)
  for (const customer of customers) await sendMail(aws, customer)
  for (const id of ['lost', 'gone']) await publish(aws, bounceOf(`${id}@customer.example`, 'nobodys-set'))
  await aws.settled()
  return aws
}

/** SES publishes an event of the first customer's mail, about a configuration set that a project owns or nobody does. */
export async function publish(aws: Aws, event: object): Promise<void> {
  const [{ account }] = customers
  await aws.callAsService(
    'ses.amazonaws.com',
    { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` },
    'sns',
    'Publish',
    { TopicArn: `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-connected-bounces-1`, Message: JSON.stringify(event) },
  )
}

export const bounceOf = (address: string, set: string) =>
  sesEvent({ kind: 'hard', addresses: [address], at: new Date(), feedbackId: address }, set)

/** The customer loosens the role: anybody may assume it without an external id. The next proof quarantines the connection. */
export async function loosenRole(aws: Aws, project: string, account: string): Promise<void> {
  const connection = await (await operatorOf(aws)).connections.find(project)
  const RoleName = connection?.roleArn?.split('/').at(-1)
  const iam = new IAMClient(aws.clientConfig(aws.credentials.root(account)))
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
  const policy: { Statement: Record<string, unknown>[] } = JSON.parse(
    decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''),
  )
  const Statement = policy.Statement.map(({ Condition: _, ...statement }) => statement)
  await iam.send(
    new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: JSON.stringify({ ...policy, Statement }) }),
  )
}

export const command = (aws: Aws, ...args: string[]) => run(aws, registerCommands, ...args)

/** Recipients a day, and bounces per thousand of them so many days ago. */
const past = {
  acme: { recipients: 1_780, bounces: (ago: number) => (ago < 4 ? 44 + 6 * (4 - ago) : 11 + ((ago * 7) % 9)) },
  globex: { recipients: 5_100, bounces: (ago: number) => 3 + ((ago * 5) % 4) },
}

/** Counts of the days before today, as if they had been sealed, and of each hour of the last day. */
export async function writeHistory(aws: Aws): Promise<void> {
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const put = (project: string, part: 'sealed' | 'domains', day: Day, item: Record<string, AttributeValue>) =>
    dynamodb.send(
      new PutItemCommand({ TableName: 'sesame-dev-counts', Item: { ...countsKeyOf(project, part, day), ...item } }),
    )
  for (const [project, { recipients, bounces }] of Object.entries(past))
    for (let ago = 1; ago <= 37; ago++) {
      const day = dayOf(new Date(aws.clock.now().getTime() - ago * dayMs))
      const counts = pastCounts(recipients, bounces(ago), ago, new Date(day).getUTCDay())
      // All of it in the last hour, so that yesterday's mail is within the last 24 hours.
      const hours = new Map([[23, volumeOfCounts(counts)]])
      const seal = { sealedAt: aws.clock.now(), revision: 1, liveMark: '', liveTotal: 0 }
      await put(project, 'sealed', day, sealedAttributesOf({ counts, hours, sets: new Map(), ...seal }))
      if (ago > 5) continue
      const domain = { sent: Math.round(recipients / 3), notSent: 0, complaints: 0 }
      const domains: Domains = new Map([
        ['example.org', { ...domain, bounces: Math.round((recipients * bounces(ago)) / 1_300) }],
        ['customer.example', { ...domain, bounces: 2 }],
      ])
      await put(project, 'domains', day, { domains: { S: domainsTextOf(domains) }, revision: { N: '1' } })
    }
}

function pastCounts(recipients: number, perThousand: number, ago: number, weekday: number): Counts {
  const sent = Math.round(recipients * ([0, 6].includes(weekday) ? 0.62 : 1) * (1 + (ago % 5) / 20))
  const bounced = Math.round((sent * perThousand) / 1_000)
  const unknown = Math.ceil(bounced * 0.7)
  const counts: Counts = new Map()
  addTo(counts, { type: 'Send' }, sent)
  addTo(counts, { type: 'Delivery' }, sent - bounced - 9)
  addTo(counts, { type: 'Bounce', detail: 'Permanent NoEmail' }, unknown)
  addTo(counts, { type: 'Bounce', detail: 'Permanent General' }, bounced - unknown)
  addTo(counts, { type: 'Bounce', detail: 'Transient MailboxFull' }, 9)
  addTo(counts, { type: 'Bounce', detail: 'Permanent OnAccountSuppressionList', apart: 'SES sent nothing' }, 4)
  if (ago % 6 === 0) addTo(counts, { type: 'Complaint', detail: 'abuse' }, 1)
  addTo(counts, { type: 'Open', detail: 'person' }, Math.round(sent * 0.31))
  addTo(counts, { type: 'Open', detail: 'machine' }, Math.round(sent * 0.22))
  return counts
}

/** The function judges the rates, as it does every quarter of an hour. */
export async function judgeRates(aws: Aws): Promise<void> {
  const lambda = new LambdaClient(aws.clientConfig(aws.credentials.root(aws.account)))
  await lambda.send(new InvokeCommand({ FunctionName: 'sesame-dev-judge-rates', Payload: '{}' }))
  await aws.settled()
}

export type Served = {
  readonly origin: string
  /** The address with the token that the next browser exchanges. */
  readonly link: () => string
  readonly deps: DashboardDeps
  close(): Promise<void>
}

type Options = {
  readonly canWrite?: boolean
  readonly assets?: Assets
  /** Readers in place of the stack's own. */
  readonly stack?: Partial<DashboardStack>
}

/** Serves the dashboard as `sesame dashboard` does, with a session of the operator's role. */
export async function served(aws: Aws, { canWrite = true, assets, stack }: Options = {}): Promise<Served> {
  const server = await openDashboardServer(0, 600_000)
  const session = createSession(() => server.origin)
  const now = () => aws.clock.now()
  const access = await operatorOf(aws)
  const made = await dashboardDepsOf(access, { stage: aws.stage, region: aws.region }, { canWrite, now })
  const deps = { ...made, by: 'ann', stack: { ...made.stack, ...stack } }
  server.serve(createDashboard(deps, session, assets ?? (await readAssets())))
  return {
    origin: server.origin,
    link: () => `${server.origin}${dashboardPath}#${session.token()}`,
    deps,
    close: server.close,
  }
}
