/**
 * The configuration that brings a project's bounces and complaints to us: in the customer's account, where each call has a session for one
 * operation, and on our side.
 *
 * Setting up is repairing drift. So it is idempotent, and it restores what a person, SES or a crash has undone.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import type { Sessions } from '../access/session/sessions.ts'
import type { Connection, UsableConnection } from '../projects/connection.ts'
import type { ActivityLevel, Project } from '../projects/project.ts'
import { createProjects } from '../projects/projects.ts'
import { sleep } from '../time.ts'
import { createAllowedSources } from './allowed-sources.ts'
import { configurationSetDrift } from './configuration-set.ts'
import { type AccountListReason, createCustomerSes, TopicRefusedError } from './customer-ses.ts'
import { createCustomerTopic } from './customer-topic.ts'
import { createCustomerTopicPath } from './customer-topic-path.ts'
import { createDefaultConfigurationSets } from './default-configuration-sets.ts'
import type { DeliveryPath } from './delivery-path.ts'
import { type Drift, type DriftReport, driftReportOf } from './drift.ts'
import { createFeedbackSources } from './feedback-sources.ts'
import { createRemoval } from './removal.ts'
import { createSharedTopicsPath } from './shared-topics-path.ts'
import { createFeedbackQueue, createTopicPairs, feedback, type TopicArns, type TopicKind } from './topics-and-queue.ts'

export type ConfigurationDependencies = {
  readonly dynamodb: DynamoDBClient
  /** The projects table. */
  readonly table: string
  readonly sessions: Pick<Sessions, 'use' | 'forget'>
  /** Options of our own clients, and, except region and credentials, of the clients in customers' accounts. */
  readonly client: Pick<SESv2ClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'>
  /** Our topics for connected projects. */
  readonly topics: TopicArns
  readonly queue: { readonly arn: string; readonly url: string }
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined
}

export type Repaired = {
  /** What was done, in words; empty if there was no drift. */
  readonly done: readonly string[]
  /** The drift after the repair. */
  readonly remaining: readonly DriftReport[]
}

export type Configured = Repaired & {
  readonly topics: Connection['topics']
  /** Why SES publishes to the customer's own topic although the connection requested ours. */
  readonly refused?: string
}

export type Configuration = ReturnType<typeof createConfiguration>

/** What a project's settings say about its configuration set. */
export type Wanted = {
  /** The reasons for which SES suppresses mail of the set to an address on the list; both if absent. */
  readonly reasons?: readonly AccountListReason[] | undefined
  /** The project's tenant of SES. */
  readonly tenant?: string | undefined
  /** The events that the project wants for timelines and counts; none if absent. */
  readonly activity?: ActivityLevel | undefined
}

export const wantedOf = (project: Pick<Project, 'suppressedReasons' | 'tenant' | 'activity'> | undefined): Wanted => ({
  reasons: project?.suppressedReasons,
  tenant: project?.tenant,
  activity: project?.activity,
})

const kindsOf = (activity: ActivityLevel): TopicKind[] => [
  ...feedback.map(({ type }) => type),
  ...(activity === 'off' ? [] : (['ACTIVITY'] as const)),
]

const bothReasons: readonly AccountListReason[] = ['BOUNCE', 'COMPLAINT']

export function createConfiguration(dependencies: ConfigurationDependencies) {
  const { ses, topic, paths, projects, defaults, sessions, pause } = partsOf(dependencies)

  /** Finds the drift in three steps, because each step depends on the repairs of the steps before it. */
  function driftSteps(
    connection: UsableConnection,
    { reasons = bothReasons, tenant, activity = 'off' }: Wanted,
  ): (() => Promise<Drift[]>)[] {
    const path = paths[connection.topics]
    const otherPath = paths[connection.topics === 'ours' ? 'customer' : 'ours']
    return [
      () => path.drift(connection, kindsOf(activity)),
      () => configurationSetDrift(connection, { ses, path, reasons, tenant, activity, pause }),
      () => otherPath.leftovers(connection),
    ]
  }

  /** All drift; empty if there is none. */
  async function driftOf(connection: UsableConnection, wanted: Wanted = {}): Promise<DriftReport[]> {
    const found = await Promise.all(driftSteps(connection, wanted).map((step) => step()))
    return found.flat().map(driftReportOf)
  }

  /** Repairs all drift that can be repaired. Idempotent. */
  async function repair(connection: UsableConnection, wanted: Wanted = {}): Promise<Repaired> {
    const done: string[] = []
    for (const step of driftSteps(connection, wanted))
      for (const drift of await step()) if (drift.repair) done.push(await drift.repair())
    return { done, remaining: await driftOf(connection, wanted) }
  }

  return {
    driftOf,
    repair,

    /** The drift as sentences, by the project's own settings. */
    async inspect(connection: UsableConnection): Promise<string[]> {
      const project = await projects.find(connection.project)
      return (await driftOf(connection, wantedOf(project))).map(({ text }) => text)
    },

    makeDefault: defaults.make,

    /**
     * Repairs the configuration. If SES refuses our topics, it switches to a topic in the customer's account.
     */
    async configure(connection: UsableConnection, wanted: Wanted = {}): Promise<Configured> {
      try {
        return { topics: connection.topics, ...(await repair(connection, wanted)) }
      } catch (error) {
        if (!(error instanceof TopicRefusedError) || connection.topics === 'customer') throw error
        const topics = 'customer'
        return { topics, refused: error.message, ...(await repair({ ...connection, topics }, wanted)) }
      }
    },

    undo: createRemoval({ ses, topic, defaults, paths, sessions }),
  }
}

function partsOf({ dynamodb, table, sessions, client, topics, queue, pause = sleep }: ConfigurationDependencies) {
  const allowedSources = createAllowedSources(dynamodb, table)
  const ses = createCustomerSes(sessions, (region, credentials) => new SESv2Client({ ...client, region, credentials }))
  const topic = createCustomerTopic(
    sessions,
    (region, credentials) => new SNSClient({ ...client, region, credentials }),
    (region) => new SNSClient({ ...client, region }),
  )
  const paths: Readonly<Record<Connection['topics'], DeliveryPath>> = {
    ours: createSharedTopicsPath(createTopicPairs(new SNSClient(client), topics), allowedSources),
    customer: createCustomerTopicPath({
      queue: createFeedbackQueue(new SQSClient(client), queue.arn, queue.url),
      allowedSources,
      topic,
      feedbackSources: createFeedbackSources(dynamodb, table),
    }),
  }
  const projects = createProjects(dynamodb, table)
  const defaults = createDefaultConfigurationSets(dynamodb, table, ses)
  return { ses, topic, paths, projects, defaults, sessions, pause }
}
