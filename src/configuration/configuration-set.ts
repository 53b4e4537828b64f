/** Drift of a project's configuration set: its existence, its suppression options and its event destinations. */
import { configurationSetOf, type UsableConnection } from '../projects/connection.ts'
import { type AccountListReason, type CustomerSes, type Destination, TopicRefusedError } from './customer-ses.ts'
import type { DeliveryPath } from './delivery-path.ts'
import type { Drift } from './drift.ts'
import { type FeedbackType, feedback } from './topics-and-queue.ts'

export type ConfigurationSetDependencies = {
  readonly ses: CustomerSes
  readonly path: Pick<DeliveryPath, 'topicsFor'>
  /** The reasons for which SES suppresses mail of the set to an address on the account list. */
  readonly reasons: readonly AccountListReason[]
  readonly pause: (milliseconds: number) => Promise<void>
}

/** Pauses between the attempts to set a topic: a new topic policy takes effect in all of SNS within seconds. */
const retryPausesMs = [500, 1_000, 2_000]

/** The drift in the order of repair. */
export async function configurationSetDrift(
  connection: UsableConnection,
  dependencies: ConfigurationSetDependencies,
): Promise<Drift[]> {
  const { ses } = dependencies
  const [set, destinations] = await Promise.all([ses.set(connection), ses.destinations(connection)])
  const ofDestinations = await Promise.all(
    feedback.map(({ type, destination }) =>
      destinationDrift(
        connection,
        dependencies,
        type,
        destination,
        destinations.find(({ name }) => name === destination),
      ),
    ),
  )
  return [...setDrift(connection, dependencies, set), ...ofDestinations.flat()]
}

function setDrift(
  connection: UsableConnection,
  { ses, reasons }: ConfigurationSetDependencies,
  set: { readonly reasons: readonly string[] | undefined } | undefined,
): Drift[] {
  const name = configurationSetOf(connection.project)
  if (!set) {
    const repair = async () => {
      await ses.createSet(connection, reasons)
      return `created the configuration set ${name}`
    }
    return [{ kind: 'configuration set missing', text: `The configuration set ${name} does not exist`, repair }]
  }
  if (set.reasons && sorted(set.reasons) === sorted(reasons)) return []
  const found = set.reasons ? words(set.reasons) : 'those of the account'
  return [
    {
      kind: 'suppression options changed',
      text: `The suppression options of ${name} are ${found}, not ${words(reasons)}`,
      repair: async () => {
        await ses.suppressFor(connection, reasons)
        return `set the suppression options of ${name} to ${words(reasons)}`
      },
    },
  ]
}

async function destinationDrift(
  connection: UsableConnection,
  dependencies: ConfigurationSetDependencies,
  type: FeedbackType,
  name: string,
  found: Destination | undefined,
): Promise<Drift[]> {
  const topics = await dependencies.path.topicsFor(connection, type)
  const drift = driftOf(name, type, found, topics)
  if (!drift) return []
  const repair = async () => {
    // Read again: a repair before this one may have allowed the project at another pair of topics.
    const [topicArn = ''] = await dependencies.path.topicsFor(connection, type)
    await putDestination(connection, dependencies, name, type, topicArn)
    return `${found ? 'updated' : 'created'} the event destination ${name}: ${type} to ${topicArn}`
  }
  return [{ ...drift, repair }]
}

function driftOf(
  name: string,
  type: FeedbackType,
  found: Destination | undefined,
  topics: readonly string[],
): Omit<Drift, 'repair'> | undefined {
  if (!found) return { kind: 'destination missing', text: `The event destination ${name} does not exist` }
  const { enabled, types, topicArn } = found
  if (topicArn === undefined)
    return { kind: 'topic removed', text: `SES has removed the topic of the event destination ${name}` }
  if (!topics.includes(topicArn))
    return {
      kind: 'other topic',
      text: `The event destination ${name} has the topic ${topicArn}, not ${topics.join(' or ')}`,
    }
  if (types.length !== 1 || types[0] !== type)
    return {
      kind: 'other event types',
      text: `The event destination ${name} publishes ${words(types)}, not ${type}`,
    }
  return enabled ? undefined : { kind: 'destination disabled', text: `The event destination ${name} is disabled` }
}

/** @throws TopicRefusedError if SES cannot publish to the topic after all attempts */
async function putDestination(
  connection: UsableConnection,
  { ses, pause }: ConfigurationSetDependencies,
  name: string,
  type: FeedbackType,
  topicArn: string,
) {
  for (const pauseMs of [...retryPausesMs, undefined]) {
    const result = await ses.putDestination(connection, name, type, topicArn)
    if (result.isAccepted) return
    if (pauseMs === undefined) throw new TopicRefusedError(topicArn, result.why)
    await pause(pauseMs)
  }
}

const sorted = (reasons: readonly string[]): string => [...reasons].sort().join()
const words = (values: readonly string[]): string => [...values].sort().join(' and ') || 'none'
