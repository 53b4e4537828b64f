/**
 * What we set up so that a project's bounces and complaints reach us: in the customer's account, each call in a session of this one
 * operation, and on our side. Looked at, put right, and taken back.
 *
 * There is no other way of setting up than mending what is not as it should be, so doing it twice changes nothing, and what a
 * person, SES or a crash has undone is done again.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { ConnectionError } from '../access/session/errors.ts'
import type { Sessions } from '../access/session/sessions.ts'
import type { Connection, UsableConnection } from '../projects/connection.ts'
import { createProjects } from '../projects/projects.ts'
import { createAllowedSources } from './allowed-sources.ts'
import { configurationSetDrift } from './configuration-set.ts'
import { type AccountListReason, createCustomerSes, TopicRefusedError } from './customer-ses.ts'
import { createCustomerTopic } from './customer-topic.ts'
import { createDefaultConfigurationSets } from './default-configuration-sets.ts'
import { createCustomerTopicPath, createSharedTopicsPath, type DeliveryPath } from './delivery-path.ts'
import { type Drift, type DriftReport, driftReportOf } from './drift.ts'
import { createFeedbackSources } from './feedback-sources.ts'
import { createFeedbackQueue, createTopicPairs, feedback } from './topics-and-queue.ts'

export type ConfigurationDependencies = {
  readonly dynamodb: DynamoDBClient
  /** The projects table. */
  readonly table: string
  readonly sessions: Pick<Sessions, 'use' | 'forget'>
  /** What our own clients are made with; those in customers' accounts too, but for region and credentials. */
  readonly client: Pick<SESv2ClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'>
  /** ARNs of our topics for connected projects, the first pair's first. */
  readonly bounces: readonly string[]
  readonly complaints: readonly string[]
  readonly queue: { readonly arn: string; readonly url: string }
  readonly pause?: (milliseconds: number) => Promise<void>
}

export type Repaired = {
  /** What was done, in words; empty if all was as it should be. */
  readonly done: readonly string[]
  /** What is not as it should be all the same. */
  readonly left: readonly DriftReport[]
}

export type Configured = Repaired & {
  readonly topics: Connection['topics']
  /** Why SES publishes to the customer's own topic although ours were asked for. */
  readonly refused?: string
}

export type Configuration = ReturnType<typeof createConfiguration>

const bothReasons: readonly AccountListReason[] = ['BOUNCE', 'COMPLAINT']

export function createConfiguration({
  dynamodb,
  table,
  sessions,
  client,
  bounces,
  complaints,
  queue,
  ...around
}: ConfigurationDependencies) {
  const admissions = createAllowedSources(dynamodb, table)
  const ses = createCustomerSes(sessions, (region, credentials) => new SESv2Client({ ...client, region, credentials }))
  const topic = createCustomerTopic(
    sessions,
    (region, credentials) => new SNSClient({ ...client, region, credentials }),
    (region) => new SNSClient({ ...client, region }),
  )
  const ways: Readonly<Record<Connection['topics'], DeliveryPath>> = {
    ours: createSharedTopicsPath(createTopicPairs(new SNSClient(client), bounces, complaints), admissions),
    customer: createCustomerTopicPath({
      door: createFeedbackQueue(new SQSClient(client), queue.arn, queue.url),
      admissions,
      topic,
      sources: createFeedbackSources(dynamodb, table),
    }),
  }
  const projects = createProjects(dynamodb, table)
  const defaults = createDefaultConfigurationSets(dynamodb, table, ses)
  const pause = around.pause ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)))

  const otherWay = (to: Connection): DeliveryPath => ways[to.topics === 'ours' ? 'customer' : 'ours']

  /** In three steps: what comes later rests on what was mended before. */
  function steps(to: UsableConnection, reasons: readonly AccountListReason[]): (() => Promise<Drift[]>)[] {
    const way = ways[to.topics]
    return [
      () => way.findings(to),
      () => configurationSetDrift(to, { ses, way, reasons, pause }),
      () => otherWay(to).leftOver(to),
    ]
  }

  /** Everything that is not as it should be; empty if nothing is. */
  async function driftOf(to: UsableConnection, reasons = bothReasons): Promise<DriftReport[]> {
    const found = await Promise.all(steps(to, reasons).map((step) => step()))
    return found.flat().map(driftReportOf)
  }

  /** Puts right what can be. Repeating it changes nothing. */
  async function mend(to: UsableConnection, reasons = bothReasons): Promise<Repaired> {
    const done: string[] = []
    for (const step of steps(to, reasons))
      for (const finding of await step()) if (finding.mend) done.push(await finding.mend())
    return { done, left: await driftOf(to, reasons) }
  }

  return {
    driftOf,
    mend,

    /** What is not as it should be, in words, by the project's own settings. */
    async inspect(to: UsableConnection): Promise<string[]> {
      const project = await projects.find(to.project)
      return (await driftOf(to, project?.suppressedReasons)).map(({ text }) => text)
    },

    makeDefault: defaults.make,

    /**
     * Mends, and where SES refuses our topics goes the second way.
     * @param reasons why SES stops mail of the set to an address on the account list
     */
    async configure(to: UsableConnection, reasons = bothReasons): Promise<Configured> {
      try {
        return { topics: to.topics, ...(await mend(to, reasons)) }
      } catch (error) {
        if (!(error instanceof TopicRefusedError) || to.topics === 'customer') throw error
        const { message } = error
        return { topics: 'customer', refused: message, ...(await mend({ ...to, topics: 'customer' }, reasons)) }
      }
    },

    /**
     * Undoes everything, in the customer's account first. Repeating it changes nothing.
     * @returns what could not be undone, in words: a customer who has taken the role away already has the rest to do
     * @throws what may pass: then nothing is forgotten, and it is to be repeated
     */
    async takeBack(connection: Connection): Promise<string[]> {
      const left: string[] = []
      const { roleArn } = connection
      if (roleArn !== undefined) {
        const to = { ...connection, roleArn }
        const undo: [what: string, () => Promise<void>][] = [
          ['the default configuration set of identities', () => defaults.takeBack(to)],
          ...feedback.map(({ destination }): [string, () => Promise<void>] => [
            `the event destination ${destination}`,
            () => ses.deleteDestination(to, destination),
          ]),
          ['the configuration set', () => ses.deleteSet(to)],
          ...(await topicOf(to)),
        ]
        for (const [what, run] of undo) {
          try {
            await run()
          } catch (error) {
            if (!(error instanceof ConnectionError) || error.retryable) throw error
            left.push(`${what}: ${error.message}`)
          }
        }
      }
      await ways.ours.close(connection)
      await ways.customer.close(connection)
      sessions.forget(connection.project)
      return left
    },
  }

  async function topicOf(to: UsableConnection): Promise<[string, () => Promise<void>][]> {
    const isUsed = to.topics === 'customer' || (await ways.customer.leftOver(to)).length > 0
    return isUsed ? [['the topic', () => topic.remove(to)]] : []
  }
}
