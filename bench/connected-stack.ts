/**
 * The deployed stack on the embedded AWS, with connected projects. Each project has an SES account of its own, with a role of
 * iam/customer-access.yml. The benchmark and the tests of propagation use it.
 */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { type Aws, type StartOptions, startAws } from '../local/aws.ts'
import { type Clock, createManualClock } from '../local/clock.ts'
import { customerRoleOf } from '../src/access/role/customer-role.ts'
import { type Connection, features } from '../src/projects/connection.ts'
import { connectionItemOf } from '../src/projects/connection-item.ts'
import { dueItemOf, newDueEntry, quarterOf } from '../src/projects/due-work.ts'
import { type ProjectInput, readProject } from '../src/projects/project.ts'
import { directoryKey, settingsFacet } from '../src/projects/projects.ts'
import { createEvidenceWriter } from '../src/suppression/add-evidence.ts'
import type { Evidence } from '../src/suppression/evidence.ts'
import type { EvidenceKind } from '../src/suppression/evidence-kinds.ts'
import { createListReader } from '../src/suppression/read-list.ts'
import { createRulings } from '../src/suppression/rule-by-hand.ts'

export const suppressionsTable = 'sesame-dev-suppressions'
export const projectsTable = 'sesame-dev-projects'
const start = new Date('2026-03-04T05:06:07.000Z')
/** A clock that a waiting function moves on, so that hours of waiting take no time. Not for functions that wait side by side. */
export function createPassingClock(): Clock {
  const clock = createManualClock(start)
  return { ...clock, sleep: async (milliseconds) => clock.advance(milliseconds) }
}

export const minutes = (count: number): number => count * 60_000
export const days = (count: number): number => count * 86_400_000

export type ConnectedStack = Awaited<ReturnType<typeof startConnectedStack>>

/** @param count number of projects, `p000`, `p001`, …, each connected and proven */
export async function startConnectedStack(count = 1, options: StartOptions = {}) {
  const clock = options.clock ?? createManualClock(start)
  const aws: Aws = await startAws({ clock, ...options })
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const evidence = createEvidenceWriter(dynamodb, suppressionsTable, () => clock.now())
  const rulings = createRulings(dynamodb, suppressionsTable, () => clock.now())
  const ids = Array.from({ length: count }, (_, i) => `p${String(i).padStart(3, '0')}`)
  const accountOf = (project: string) => `1000${project.replaceAll(/\D/g, '').padStart(8, '0')}`

  const put = (Item: Record<string, { S: string }>) =>
    dynamodb.send(new PutItemCommand({ TableName: projectsTable, Item }))

  /** Makes a project due, as the transactions that change it do. */
  const makeDue = (id: string) =>
    dynamodb.send(
      new PutItemCommand({
        TableName: projectsTable,
        Item: dueItemOf('reconcile', newDueEntry(id, quarterOf(clock.now()))),
      }),
    )

  async function addProject(id: string, rest: Partial<ProjectInput> = {}): Promise<void> {
    const project = readProject({ id, account: accountOf(id), ...rest })
    await put({
      id: { S: id },
      facet: { S: settingsFacet },
      account: { S: project.account },
      settings: { S: JSON.stringify(project) },
    })
    await put({ id: { S: directoryKey }, facet: { S: id } })
    await makeDue(id)
  }

  const connectionOf = (project: string, rest: Partial<Connection> = {}): Connection => ({
    project,
    account: accountOf(project),
    region: aws.region,
    roleArn: `arn:aws:iam::${accountOf(project)}:role/sesame/sesame-${project}`,
    externalId: project.padStart(32, '0'),
    topics: 'ours',
    features: [...features],
    state: 'proven',
    provenAt: start,
    revision: 'r1',
    ...rest,
  })

  /** Stores a connection as a proof leaves it. */
  async function storeConnection(connection: Connection): Promise<void> {
    const { provenAt, quarantine } = connection
    const proven = provenAt && { provenAt: { S: provenAt.toISOString() } }
    const quarantined = quarantine && {
      brokenSince: { S: quarantine.since.toISOString() },
      brokenWhy: { S: quarantine.why },
    }
    await dynamodb.send(
      new PutItemCommand({
        TableName: projectsTable,
        Item: { ...connectionItemOf(connection), ...proven, ...quarantined },
      }),
    )
    await makeDue(connection.project)
  }

  const createRole = (connection: Connection) =>
    aws.roles.create(connection.account, customerRoleOf(connection, aws.account))
  const deleteRole = ({ roleArn = '' }: Connection) => aws.roles.delete(roleArn)

  for (const id of ids) {
    await addProject(id)
    await storeConnection(connectionOf(id))
    createRole(connectionOf(id))
  }

  let feedbackCount = 0
  const evidenceOf = (kind: EvidenceKind, at = clock.now()): Evidence => ({
    kind,
    at,
    feedbackId: `0100-${feedbackCount++}`,
    cause: kind === 'soft' ? 'Transient/MailboxFull' : 'Permanent/NoEmail',
  })

  return {
    aws,
    clock,
    dynamodb,
    ids,
    accountOf,
    addProject,
    connectionOf,
    storeConnection,
    createRole,
    deleteRole,
    evidenceOf,
    suppressions: createListReader(dynamodb, suppressionsTable),
    /** Adds new evidence about an address, as a bounce or complaint does. */
    receive: async (project: string, address: string, kind: EvidenceKind, at?: Date) =>
      evidence.add(project, new Map([[address, evidenceOf(kind, at)]])),
    addEvidence: (project: string, address: string, piece: Evidence) =>
      evidence.add(project, new Map([[address, piece]])),
    suppress: (project: string, address: string, at = clock.now()) =>
      rulings.suppress(project, address, { at, by: 'ann', why: 'asked' }),
    reinstate: (project: string, address: string, at = clock.now()) =>
      rulings.reinstate(project, address, { at, by: 'ann', why: 'asked' }),
    sesAccount: (project: string) => aws.ses.account(accountOf(project)),
    /** The account list, address → reason. */
    accountList: (project: string) =>
      Object.fromEntries(
        [...aws.ses.account(accountOf(project)).accountList.values()].map(({ address, reason }) => [address, reason]),
      ),
    /** The log lines of a function, oldest first. */
    logLines: (name = 'propagate-suppression') =>
      aws.lambda.logLines(`sesame-dev-${name}`).map((line): Record<string, string> => JSON.parse(line)),
    outcomes(project?: string): string[] {
      return this.logLines()
        .filter((line) => project === undefined || line.project === project)
        .map(({ outcome = '' }) => outcome)
    },
    /** Number of calls in the customers' accounts, by IAM action. */
    customerCalls: () => {
      const counts: Record<string, number> = {}
      for (const { account, action, verdict } of aws.record)
        if (verdict === 'allowed' && account !== aws.account && account !== '')
          counts[action] = (counts[action] ?? 0) + 1
      return counts
    },
    countSessions: () => aws.record.filter(({ operation }) => operation === 'AssumeRole').length,
    /** Runs the reconcile as its schedule does. */
    async runSchedule() {
      const schedule = aws.eventbridge.schedules.find(({ functionArn }) =>
        functionArn.endsWith('reconcile-suppressions'),
      )
      if (!schedule) throw new Error('serverless.yml has no schedule for reconcile-suppressions')
      await aws.eventbridge.fire(schedule)
      await aws.settled()
    },
    deadLetters: (name: string) =>
      aws.sqs.queues.get(`arn:aws:sqs:${aws.region}:${aws.account}:sesame-dev-${name}-dead-letters`)?.messages ?? [],
    retryMessages: () =>
      aws.sqs.queues.get(`arn:aws:sqs:${aws.region}:${aws.account}:sesame-dev-propagation-retry`)?.messages ?? [],
  }
}
