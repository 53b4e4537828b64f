/**
 * The two ways of events to us: by our topics, which let in SES for the project's configuration set, or by a topic in the customer's
 * account, to which our queue is subscribed.
 */

import { partitionOf } from '../access/session/session-policy.ts'
import { type Connection, configurationSetOf, type UsableConnection } from '../projects/connection.ts'
import type { AllowedSource, AllowedSources } from './allowed-sources.ts'
import { type CustomerTopic, feedbackTopicArn } from './customer-topic.ts'
import type { Drift } from './drift.ts'
import type { createFeedbackSources } from './feedback-sources.ts'
import { customerTopicPolicy, samePolicy } from './policy-documents.ts'
import { allowSource, ownerAllowing, revokeSource, updatePolicy } from './resource-policies.ts'
import type { FeedbackQueue, FeedbackType, TopicPair } from './topics-and-queue.ts'

export type DeliveryPath = {
  /** What is not as it should be before SES can publish, in the order in which it can be mended. */
  findings(to: UsableConnection): Promise<Drift[]>
  /** The topics that a destination for events of a type may name: the first is the one to set. */
  topicsFor(to: UsableConnection, type: FeedbackType): Promise<readonly string[]>
  /** What of this way is there although the connection goes the other. */
  leftOver(to: UsableConnection): Promise<Drift[]>
  /** Undoes our side. Repeating it changes nothing. */
  close(to: Connection): Promise<void>
}

/** The ARN of the project's configuration set, as SES names it when it publishes. */
export const sourceOf = ({ project, account, region }: Pick<Connection, 'project' | 'account' | 'region'>): string =>
  `arn:${partitionOf(region)}:ses:${region}:${account}:configuration-set/${configurationSetOf(project)}`

const wayOut = {
  topics:
    'Connect the project with --topics customer, or add a pair of topics: docs/decisions/0101-topics-for-connected-projects.md',
  queue:
    'Connect the project with --topics ours, or deploy another stage for it: docs/decisions/0102-the-second-way-in.md',
}

export function createSharedTopicsPath(pairs: readonly TopicPair[], admissions: AllowedSources): DeliveryPath {
  const admissionOf = (to: Connection): AllowedSource => ({
    project: to.project,
    account: to.account,
    source: sourceOf(to),
  })

  /** What the policies of a pair say, against what the table says. */
  async function policyFindings(pair: TopicPair, project: string): Promise<Drift[]> {
    const wanted = pair.policies(await admissions.at(pair.place))
    const read = await Promise.all(wanted.map(async ({ arn, text }) => ({ arn, text, is: await readAt(pair, arn) })))
    return read.flatMap(({ arn, text, is }): Drift[] => {
      if (is === 'gone')
        return [{ kind: 'our topic gone', text: `Our topic ${arn} is gone: serverless deploy makes it again` }]
      if (samePolicy(is, text)) return []
      return [
        {
          kind: 'policy changed',
          text: `The policy of our topic ${arn} is not the one that we gave it: events of ${project} may be refused`,
          mend: async () => {
            await updatePolicy(pair, admissions)
            return `put the policy of ${arn} right`
          },
        },
      ]
    })
  }

  return {
    async findings(to) {
      const admission = admissionOf(to)
      const pair = await pairOf(to)
      const known = pair && (await admissions.at(pair.place)).find(({ project }) => project === to.project)
      if (pair && known?.source === admission.source) return policyFindings(pair, to.project)
      return [
        {
          kind: 'not admitted',
          text: `The policies of our topics do not let in ${admission.source}`,
          mend: async () => {
            const { name } = await allowSource(pairs, admissions, admission, wayOut.topics)
            return `let in its events at ${name}`
          },
        },
      ]
    },

    async topicsFor(to, type) {
      const pair = await pairOf(to)
      return (pair ? [pair] : pairs).map(({ topics }) => topics[type])
    },

    async leftOver(to) {
      const pair = await pairOf(to)
      if (!pair) return []
      const mend = async () => {
        await revokeSource(pairs, admissions, to.project)
        return `shut its events out at ${pair.name}, where they no longer come`
      }
      return [{ kind: 'left over', text: `${pair.name} still let in its events, which no longer come there`, mend }]
    },

    close: (to) => revokeSource(pairs, admissions, to.project),
  }

  async function pairOf({ project }: Connection): Promise<TopicPair | undefined> {
    const door = await ownerAllowing(pairs, admissions, project)
    return pairs.find(({ place }) => place === door?.place)
  }
}

type Queueing = {
  readonly door: FeedbackQueue
  readonly admissions: AllowedSources
  readonly topic: CustomerTopic
  readonly sources: ReturnType<typeof createFeedbackSources>
}

export function createCustomerTopicPath({ door, admissions, topic, sources }: Queueing): DeliveryPath {
  const [, partition = '', , , ourAccount = ''] = door.arn.split(':')
  const policyFor = (to: UsableConnection) =>
    customerTopicPolicy(
      feedbackTopicArn(to),
      { account: to.account, source: sourceOf(to) },
      { account: ourAccount, partition, queueArn: door.arn },
    )

  async function topicFindings(to: UsableConnection): Promise<Drift[]> {
    const arn = feedbackTopicArn(to)
    const found = await topic.policy(to)
    if (found && samePolicy(found.text, policyFor(to))) return []
    const setPolicy = () => topic.setPolicy(to, policyFor(to))
    if (found)
      return [
        {
          kind: 'topic policy changed',
          text: `The policy of the topic ${arn} is not the one that we gave it`,
          mend: async () => {
            await setPolicy()
            return `put the policy of ${arn} right`
          },
        },
      ]
    return [
      {
        kind: 'topic gone',
        text: `There is no topic ${arn}`,
        mend: async () => {
          await topic.create(to)
          await setPolicy()
          return `made the topic ${arn}`
        },
      },
    ]
  }

  async function queueFindings(to: UsableConnection): Promise<Drift[]> {
    const source = feedbackTopicArn(to)
    const admitted = await admissions.at(door.place)
    const [wanted] = door.policies(admitted)
    if (!admitted.some((one) => one.project === to.project && one.source === source))
      return [
        {
          kind: 'not admitted',
          text: `The policy of our queue does not let in ${source}`,
          mend: async () => {
            await allowSource([door], admissions, { project: to.project, account: to.account, source }, wayOut.queue)
            return `let in its events at our queue ${door.name}`
          },
        },
      ]
    if (wanted && samePolicy(await door.read(door.arn), wanted.text)) return []
    return [
      {
        kind: 'policy changed',
        text: `The policy of our queue ${door.name} is not the one that we gave it: events of ${to.project} may be refused`,
        mend: async () => {
          await updatePolicy(door, admissions)
          return `put the policy of our queue ${door.name} right`
        },
      },
    ]
  }

  async function subscriptionFindings(to: UsableConnection, isTopicThere: boolean): Promise<Drift[]> {
    const arn = feedbackTopicArn(to)
    const found = isTopicThere ? await topic.subscriptionOf(to, door.arn) : undefined
    const known = await sources.find(arn)
    if (found !== undefined && known?.subscription === found) return []
    return [
      {
        kind: 'subscription gone',
        text: `Our queue ${door.name} is not subscribed to ${arn}`,
        mend: async () => {
          const subscription = await topic.subscribe(to, door.arn)
          await sources.put(arn, { project: to.project, subscription })
          return `subscribed our queue to ${arn}`
        },
      },
    ]
  }

  const isHere = async (to: Connection): Promise<boolean> =>
    (await admissions.at(door.place)).some(({ project }) => project === to.project)

  async function close(to: Connection): Promise<void> {
    await revokeSource([door], admissions, to.project)
    await sources.remove(feedbackTopicArn(to), to.project)
  }

  return {
    async findings(to) {
      const ofTopic = await topicFindings(to)
      const isThere = !ofTopic.some(({ kind }) => kind === 'topic gone')
      return [...ofTopic, ...(await queueFindings(to)), ...(await subscriptionFindings(to, isThere))]
    },

    topicsFor: async (to) => [feedbackTopicArn(to)],

    async leftOver(to) {
      if (!(await isHere(to))) return []
      const mend = async () => {
        await topic.remove(to)
        await close(to)
        return `took away the topic ${feedbackTopicArn(to)} and its subscription, which are no longer used`
      }
      return [{ kind: 'left over', text: `The topic ${feedbackTopicArn(to)} is still there, and no longer used`, mend }]
    },

    close,
  }
}

/** `gone` if there is no such topic. */
async function readAt(pair: TopicPair, arn: string): Promise<string | undefined> {
  try {
    return await pair.read(arn)
  } catch (error) {
    if (error instanceof Error && /^NotFound/.test(error.name)) return 'gone'
    throw error
  }
}
