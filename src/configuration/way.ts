/**
 * The two ways of events to us: by our topics, which let in SES for the project's configuration set, or by a topic in the customer's
 * account, to which our queue is subscribed.
 */
import { type Connection, configurationSetOf, type UsableConnection } from '../connection/connection.ts'
import { partitionOf } from '../connection/session-policy.ts'
import type { Admission, Admissions } from './admissions.ts'
import { type CustomerTopic, feedbackTopicArn } from './customer-topic.ts'
import { admit, admittedAt, bringUpToDate, shutOut } from './doors.ts'
import type { feedbackSources } from './feedback-sources.ts'
import type { Finding } from './finding.ts'
import type { FeedbackType, QueueDoor, TopicPair } from './our-doors.ts'
import { customerTopicPolicy, samePolicy } from './policies.ts'

export type Way = {
  /** What is not as it should be before SES can publish, in the order in which it can be mended. */
  findings(to: UsableConnection): Promise<Finding[]>
  /** The topics that a destination for events of a type may name: the first is the one to set. */
  topicsFor(to: UsableConnection, type: FeedbackType): Promise<readonly string[]>
  /** What of this way is there although the connection goes the other. */
  leftOver(to: UsableConnection): Promise<Finding[]>
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

export function byOurTopics(pairs: readonly TopicPair[], admissions: Admissions): Way {
  const admissionOf = (to: Connection): Admission => ({
    project: to.project,
    account: to.account,
    source: sourceOf(to),
  })

  /** What the policies of a pair say, against what the table says. */
  async function policyFindings(pair: TopicPair, project: string): Promise<Finding[]> {
    const wanted = pair.policies(await admissions.at(pair.place))
    const read = await Promise.all(wanted.map(async ({ arn, text }) => ({ arn, text, is: await readAt(pair, arn) })))
    return read.flatMap(({ arn, text, is }): Finding[] => {
      if (is === 'gone')
        return [{ kind: 'our topic gone', text: `Our topic ${arn} is gone: serverless deploy makes it again` }]
      if (samePolicy(is, text)) return []
      return [
        {
          kind: 'policy changed',
          text: `The policy of our topic ${arn} is not the one that we gave it: events of ${project} may be refused`,
          mend: async () => {
            await bringUpToDate(pair, admissions)
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
            const { name } = await admit(pairs, admissions, admission, wayOut.topics)
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
        await shutOut(pairs, admissions, to.project)
        return `shut its events out at ${pair.name}, where they no longer come`
      }
      return [{ kind: 'left over', text: `${pair.name} still let in its events, which no longer come there`, mend }]
    },

    close: (to) => shutOut(pairs, admissions, to.project),
  }

  async function pairOf({ project }: Connection): Promise<TopicPair | undefined> {
    const door = await admittedAt(pairs, admissions, project)
    return pairs.find(({ place }) => place === door?.place)
  }
}

type Queueing = {
  readonly door: QueueDoor
  readonly admissions: Admissions
  readonly topic: CustomerTopic
  readonly sources: ReturnType<typeof feedbackSources>
}

export function byCustomersTopic({ door, admissions, topic, sources }: Queueing): Way {
  const [, partition = '', , , ourAccount = ''] = door.arn.split(':')
  const policyFor = (to: UsableConnection) =>
    customerTopicPolicy(
      feedbackTopicArn(to),
      { account: to.account, source: sourceOf(to) },
      { account: ourAccount, partition, queueArn: door.arn },
    )

  async function topicFindings(to: UsableConnection): Promise<Finding[]> {
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

  async function queueFindings(to: UsableConnection): Promise<Finding[]> {
    const source = feedbackTopicArn(to)
    const admitted = await admissions.at(door.place)
    const [wanted] = door.policies(admitted)
    if (!admitted.some((one) => one.project === to.project && one.source === source))
      return [
        {
          kind: 'not admitted',
          text: `The policy of our queue does not let in ${source}`,
          mend: async () => {
            await admit([door], admissions, { project: to.project, account: to.account, source }, wayOut.queue)
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
          await bringUpToDate(door, admissions)
          return `put the policy of our queue ${door.name} right`
        },
      },
    ]
  }

  async function subscriptionFindings(to: UsableConnection, isTopicThere: boolean): Promise<Finding[]> {
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
    await shutOut([door], admissions, to.project)
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
