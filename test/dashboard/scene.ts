/**
 * What the dashboard is shown with in tests and screenshots: three customers on the embedded AWS, one of them in trouble, mail that bounces, and a
 * history of counts. Everything but the history happens on the embedded AWS.
 */
import { GetRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { type Aws, startAws } from '../../local/aws.ts'
import { careless, customers, joinSesame } from '../../local/demo/customers.ts'
import { sendMail } from '../../local/demo/main-flow.ts'
import type { Day } from '../../src/activity/bucket.ts'
import { addTo, type Counts, volumeOfCounts } from '../../src/activity/counts.ts'
import type { StoredDay } from '../../src/activity/stored-counts.ts'
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

/** Bounces per thousand recipients on the days before today, oldest first. */
type History = Readonly<Record<string, { readonly recipients: number; readonly bounces: (ago: number) => number }>>

export const history: History = {
  acme: { recipients: 1_780, bounces: (ago) => (ago < 3 ? 44 + 6 * (3 - ago) : 11 + ((ago * 7) % 9)) },
  globex: { recipients: 5_100, bounces: (ago) => 3 + ((ago * 5) % 4) },
}

/** The counts of the stack, with a history of the days before today. */
export function withHistory(counts: DashboardStack['counts'], now: () => Date): DashboardStack['counts'] {
  const agoOf = (day: Day) => Math.round((now().getTime() - Date.parse(day)) / dayMs - 0.5)
  return {
    async daysOf(project, days) {
      const real = await counts.daysOf(project, days)
      return real.map((one) => (agoOf(one.day) < 1 ? one : (pastDayOf(project, one, agoOf(one.day)) ?? one)))
    },
    async domainsOf(project, days) {
      const real = await counts.domainsOf(project, days)
      if (history[project])
        real.set('example.org', { sent: 9_300, notSent: 0, bounces: project === 'acme' ? 480 : 61, complaints: 2 })
      return real
    },
  }
}

function pastDayOf(project: string, day: StoredDay, ago: number): StoredDay | undefined {
  const past = history[project]
  if (!past) return undefined
  const weekend = [0, 6].includes(new Date(day.day).getUTCDay()) ? 0.62 : 1
  const sent = Math.round(past.recipients * weekend * (1 + (ago % 5) / 20))
  const bounced = Math.round((sent * past.bounces(ago)) / 1_000)
  const counts: Counts = new Map()
  addTo(counts, { type: 'Send' }, sent)
  addTo(counts, { type: 'Delivery' }, sent - bounced - 9)
  addTo(counts, { type: 'Bounce', detail: 'Permanent General' }, Math.ceil(bounced * 0.7))
  addTo(counts, { type: 'Bounce', detail: 'Permanent NoEmail' }, bounced - Math.ceil(bounced * 0.7))
  addTo(counts, { type: 'Bounce', detail: 'Transient MailboxFull' }, 9)
  addTo(counts, { type: 'Bounce', detail: 'Permanent OnAccountSuppressionList', apart: 'SES sent nothing' }, 4)
  if (ago % 6 === 0) addTo(counts, { type: 'Complaint', detail: 'abuse' }, 1)
  addTo(counts, { type: 'Open', detail: 'person' }, Math.round(sent * 0.31))
  addTo(counts, { type: 'Open', detail: 'machine' }, Math.round(sent * 0.22))
  return { ...day, counts, hours: new Map([[9, volumeOfCounts(counts)]]) }
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
  readonly hasHistory?: boolean
  readonly assets?: Assets
  /** Readers in place of the stack's own. */
  readonly stack?: Partial<DashboardStack>
}

/** Serves the dashboard as `sesame dashboard` does, with a session of the operator's role. */
export async function served(
  aws: Aws,
  { canWrite = true, hasHistory = false, assets, stack }: Options = {},
): Promise<Served> {
  const server = await openDashboardServer(0, 600_000)
  const session = createSession(() => server.origin)
  const now = () => aws.clock.now()
  const access = await operatorOf(aws)
  const made = await dashboardDepsOf(access, { stage: aws.stage, region: aws.region }, { canWrite, now })
  const counts = hasHistory ? withHistory(access.counts, now) : access.counts
  const deps = { ...made, by: 'ann', stack: { ...made.stack, counts, ...stack } }
  server.serve(createDashboard(deps, session, assets ?? (await readAssets())))
  return {
    origin: server.origin,
    link: () => `${server.origin}${dashboardPath}#${session.token()}`,
    deps,
    close: server.close,
  }
}
