/** Drift of a project's configuration set: its existence, its suppression options and its event destinations. */
import type { EventType } from '@aws-sdk/client-sesv2'
import { configurationSetOf, type UsableConnection } from '../projects/connection.ts'
import type { ActivityLevel } from '../projects/project.ts'
import { activityDestination, activityTypes } from './activity-types.ts'
import {
  type AccountListReason,
  type CustomerSes,
  type Destination,
  type ListScope,
  type SetOptions,
  TopicRefusedError,
} from './customer-ses.ts'
import type { DeliveryPath } from './delivery-path.ts'
import type { Drift } from './drift.ts'
import { feedback, type TopicKind } from './topics-and-queue.ts'

export type ConfigurationSetDependencies = {
  readonly ses: CustomerSes
  readonly path: Pick<DeliveryPath, 'topicsFor'>
  /** The reasons for which SES suppresses mail of the set to an address on the account list. */
  readonly reasons: readonly AccountListReason[]
  /** The project's tenant of SES, whose list it keeps in step instead of the account's. */
  readonly tenant?: string | undefined
  readonly activity: ActivityLevel
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
  const found = (wanted: string) => destinations.find(({ name }) => name === wanted)
  const ofDestinations = await Promise.all(
    wantedDestinations(dependencies.activity).map((wanted) =>
      destinationDrift(connection, dependencies, wanted, found(wanted.name)),
    ),
  )
  const unwanted = dependencies.activity === 'off' && found(activityDestination) !== undefined
  return [
    ...setDrift(connection, dependencies, set),
    ...ofDestinations.flat(),
    ...(unwanted ? [unwantedActivity(connection, ses)] : []),
  ]
}

type WantedDestination = {
  readonly name: string
  readonly kind: TopicKind
  readonly types: readonly EventType[]
}

const wantedDestinations = (activity: ActivityLevel): WantedDestination[] => [
  ...feedback.map(({ type, destination }) => ({ name: destination, kind: type, types: [type] })),
  ...(activity === 'off'
    ? []
    : [{ name: activityDestination, kind: 'ACTIVITY' as const, types: activityTypes[activity] }]),
]

const unwantedActivity = (connection: UsableConnection, ses: CustomerSes): Drift => ({
  kind: 'destination not wanted',
  text: `The event destination ${activityDestination} exists, although the project records no activity`,
  repair: async () => {
    await ses.deleteDestination(connection, activityDestination)
    return `deleted the event destination ${activityDestination}`
  },
})

function setDrift(
  connection: UsableConnection,
  { ses, reasons, tenant }: ConfigurationSetDependencies,
  set: SetOptions | undefined,
): Drift[] {
  const name = configurationSetOf(connection.project)
  const scope: ListScope = tenant === undefined ? 'ACCOUNT' : 'TENANT'
  if (!set) {
    const repair = async () => {
      await ses.createSet(connection, reasons, scope)
      return `created the configuration set ${name}`
    }
    return [{ kind: 'configuration set missing', text: `The configuration set ${name} does not exist`, repair }]
  }
  return [
    ...reasonsDrift(name, set, reasons, async () => {
      await ses.suppressFor(connection, reasons, scope)
      return `set the suppression options of ${name} to ${words(reasons)}`
    }),
    ...scopeDrift(name, set, tenant, async () => {
      await ses.suppressFor(connection, reasons, scope)
      return `set the suppression scope of ${name} to ${scope}`
    }),
  ]
}

type Repair = () => Promise<string>

function reasonsDrift(name: string, set: SetOptions, reasons: readonly AccountListReason[], repair: Repair): Drift[] {
  if (set.reasons && sorted(set.reasons) === sorted(reasons)) return []
  const found = set.reasons ? words(set.reasons) : 'those of the account'
  const text = `The suppression options of ${name} are ${found}, not ${words(reasons)}`
  return [{ kind: 'suppression options changed', text, repair }]
}

/**
 * Sesame keeps one list in step: the account's, or that of the project's tenant. With the other scope, SES ignores that list. A set without
 * a scope follows the account's list, unless the mail names a tenant with a list of its own. So it is drift for a project with a tenant only.
 */
function scopeDrift(name: string, { scope }: SetOptions, tenant: string | undefined, repair: Repair): Drift[] {
  if (tenant === undefined && scope !== 'TENANT') return []
  if (tenant !== undefined && scope === 'TENANT') return []
  const ignored = tenant === undefined ? "the account's list" : `the list of tenant ${tenant}`
  const text = `The suppression scope of ${name} is ${scope ?? 'not set'}: SES ignores ${ignored}, which Sesame keeps in step`
  return [{ kind: 'suppression scope changed', text, repair }]
}

async function destinationDrift(
  connection: UsableConnection,
  dependencies: ConfigurationSetDependencies,
  wanted: WantedDestination,
  found: Destination | undefined,
): Promise<Drift[]> {
  const { name, kind, types } = wanted
  const topics = await dependencies.path.topicsFor(connection, kind)
  if (topics.length === 0) return [activityNotDelivered]
  const drift = driftOf(wanted, found, topics)
  if (!drift) return []
  const repair = async () => {
    // Read again: a repair before this one may have allowed the project at another pair of topics.
    const [topicArn = ''] = await dependencies.path.topicsFor(connection, kind)
    await putDestination(connection, dependencies, wanted, topicArn)
    return `${found ? 'updated' : 'created'} the event destination ${name}: ${words(types)} to ${topicArn}`
  }
  return [{ ...drift, repair }]
}

const activityNotDelivered: Drift = {
  kind: 'activity not delivered',
  text: "The project wants activity, which a topic in the customer's account does not deliver: connect it with --topics ours, or set --activity off",
}

function driftOf(
  { name, types: wanted }: WantedDestination,
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
  if (sorted(types) !== sorted(wanted))
    return {
      kind: 'other event types',
      text: `The event destination ${name} publishes ${words(types)}, not ${words(wanted)}`,
    }
  return enabled ? undefined : { kind: 'destination disabled', text: `The event destination ${name} is disabled` }
}

/** @throws TopicRefusedError if SES cannot publish to the topic after all attempts */
async function putDestination(
  connection: UsableConnection,
  { ses, pause }: ConfigurationSetDependencies,
  { name, types }: WantedDestination,
  topicArn: string,
) {
  for (const pauseMs of [...retryPausesMs, undefined]) {
    const result = await ses.putDestination(connection, name, types, topicArn)
    if (result.isAccepted) return
    if (pauseMs === undefined) throw new TopicRefusedError(topicArn, result.why)
    await pause(pauseMs)
  }
}

const sorted = (reasons: readonly string[]): string => [...reasons].sort().join()
const words = (values: readonly string[]): string => [...values].sort().join(' and ') || 'none'
