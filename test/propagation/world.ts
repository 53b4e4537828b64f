/**
 * The deployed stack with connected projects, each with an SES account and a role of iam/customer-access.yml in it; and what happens to
 * their addresses.
 */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { type Aws, type StartOptions, startAws } from '../../local/aws.ts'
import { standingClock } from '../../local/clock.ts'
import { customerRole } from '../../src/access/role/customer-role.ts'
import { type Connection, features } from '../../src/projects/connection.ts'
import { connectionItemOf } from '../../src/projects/connection-item.ts'
import { type ProjectInput, readProject } from '../../src/projects/project.ts'
import { directoryKey, settingsFacet } from '../../src/projects/projects.ts'
import { createEvidenceWriter } from '../../src/suppression/add-evidence.ts'
import type { Evidence, EvidenceKind } from '../../src/suppression/evidence.ts'
import { createListReader } from '../../src/suppression/read-list.ts'
import { createRulings } from '../../src/suppression/rule-by-hand.ts'

export const suppressionsTable = 'sesame-dev-suppressions'
export const projectsTable = 'sesame-dev-projects'
const start = new Date('2026-03-04T05:06:07.000Z')
export const minutes = (count: number): number => count * 60_000
export const days = (count: number): number => count * 86_400_000

export type World = Awaited<ReturnType<typeof worldOf>>

/** @param count projects `p000`, `p001`, …, each in an account of its own, connected and proven */
export async function worldOf(count = 1, options: StartOptions = {}) {
  const clock = standingClock(start)
  const aws: Aws = await startAws({ clock, ...options })
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const evidence = createEvidenceWriter(dynamodb, suppressionsTable)
  const hands = createRulings(dynamodb, suppressionsTable)
  const ids = Array.from({ length: count }, (_, i) => `p${String(i).padStart(3, '0')}`)
  const accountOf = (project: string) => `1000${project.replaceAll(/\D/g, '').padStart(8, '0')}`

  const put = (Item: Record<string, { S: string }>) =>
    dynamodb.send(new PutItemCommand({ TableName: projectsTable, Item }))

  async function addProject(id: string, rest: Partial<ProjectInput> = {}): Promise<void> {
    const project = readProject({ id, account: accountOf(id), ...rest })
    await put({
      id: { S: id },
      facet: { S: settingsFacet },
      account: { S: project.account },
      settings: { S: JSON.stringify(project) },
    })
    await put({ id: { S: directoryKey }, facet: { S: id } })
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

  /** Stores a connection as a proof left it. */
  async function storeConnection(connection: Connection): Promise<void> {
    const { provenAt, quarantine } = connection
    const proven = provenAt && { provenAt: { S: provenAt.toISOString() } }
    const broken = quarantine && {
      brokenSince: { S: quarantine.since.toISOString() },
      brokenWhy: { S: quarantine.why },
    }
    await dynamodb.send(
      new PutItemCommand({ TableName: projectsTable, Item: { ...connectionItemOf(connection), ...proven, ...broken } }),
    )
  }

  const makeRole = (connection: Connection) =>
    aws.roles.create(connection.account, customerRole(connection, aws.account))
  const removeRole = ({ roleArn = '' }: Connection) => aws.roles.delete(roleArn)

  for (const id of ids) {
    await addProject(id)
    await storeConnection(connectionOf(id))
    makeRole(connectionOf(id))
  }

  let feedback = 0
  const piece = (kind: EvidenceKind, at = clock.now()): Evidence => ({
    kind,
    at,
    feedbackId: `0100-${feedback++}`,
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
    makeRole,
    removeRole,
    piece,
    suppressions: createListReader(dynamodb, suppressionsTable),
    hears: async (project: string, address: string, kind: EvidenceKind, at?: Date) =>
      evidence.add(project, new Map([[address, piece(kind, at)]])),
    /** The same piece as it is, once more. */
    hearsOf: (project: string, address: string, one: Evidence) => evidence.add(project, new Map([[address, one]])),
    suppresses: (project: string, address: string, at = clock.now()) =>
      hands.suppress(project, address, { at, by: 'ann', why: 'asked' }),
    reinstates: (project: string, address: string, at = clock.now()) =>
      hands.reinstate(project, address, { at, by: 'ann', why: 'asked' }),
    ses: (project: string) => aws.ses.account(accountOf(project)),
    /** The account list: address → reason. */
    accountList: (project: string) =>
      Object.fromEntries(
        [...aws.ses.account(accountOf(project)).accountList.values()].map(({ address, reason }) => [address, reason]),
      ),
    /** What the function said of each record, and of whom, oldest first. */
    said: (name = 'propagate-suppression') =>
      aws.lambda.logLines(`sesame-dev-${name}`).map((line): Record<string, string> => JSON.parse(line)),
    outcomes(project?: string): string[] {
      return this.said()
        .filter((line) => project === undefined || line.project === project)
        .map(({ outcome = '' }) => outcome)
    },
    /** Calls in the customers' accounts, by operation. */
    calls: () => {
      const counts: Record<string, number> = {}
      for (const { account, action, verdict } of aws.record)
        if (verdict === 'allowed' && account !== aws.account && account !== '')
          counts[action] = (counts[action] ?? 0) + 1
      return counts
    },
    sessions: () => aws.record.filter(({ operation }) => operation === 'AssumeRole').length,
    /** A round of the reconcile, as the clock starts it. */
    async round() {
      const schedule = aws.eventbridge.schedules.find(({ functionArn }) =>
        functionArn.endsWith('reconcile-suppressions'),
      )
      if (!schedule) throw new Error('there is no schedule')
      await aws.eventbridge.fire(schedule)
      await aws.settled()
    },
    deadLetters: (name: string) =>
      aws.sqs.queues.get(`arn:aws:sqs:${aws.region}:${aws.account}:sesame-dev-${name}-dead-letters`)?.messages ?? [],
    parked: () =>
      aws.sqs.queues.get(`arn:aws:sqs:${aws.region}:${aws.account}:sesame-dev-propagation-retry`)?.messages ?? [],
  }
}
