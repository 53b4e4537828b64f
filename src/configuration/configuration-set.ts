/** The configuration set of a project, its suppression options, and what it tells of to whom. */
import { configurationSetOf, type UsableConnection } from '../projects/connection.ts'
import { type AccountListReason, type CustomerSes, type Destination, TopicRefusedError } from './customer-ses.ts'
import type { DeliveryPath } from './delivery-path.ts'
import type { Drift } from './drift.ts'
import { type FeedbackType, feedback } from './topics-and-queue.ts'

export type Wanted = {
  readonly ses: CustomerSes
  readonly way: Pick<DeliveryPath, 'topicsFor'>
  /** Why SES stops mail of the set to an address that is on the account list. */
  readonly reasons: readonly AccountListReason[]
  /** A policy takes seconds until all of SNS knows it. */
  readonly pause: (milliseconds: number) => Promise<void>
}

/** Before SES is believed that it cannot publish to a topic. */
const pauses = [500, 1_000, 2_000]

/** What is not as it should be, in the order in which it can be mended. */
export async function configurationSetDrift(to: UsableConnection, wanted: Wanted): Promise<Drift[]> {
  const { ses, reasons } = wanted
  const [set, destinations] = await Promise.all([ses.set(to), ses.destinations(to)])
  const name = configurationSetOf(to.project)
  const ofDestinations = await Promise.all(
    feedback.map(({ type, destination }) =>
      destinationFinding(
        to,
        wanted,
        type,
        destination,
        destinations.find((one) => one.name === destination),
      ),
    ),
  )
  return [...setFinding(to, ses, name, set, reasons), ...ofDestinations.flat()]
}

function setFinding(
  to: UsableConnection,
  ses: CustomerSes,
  name: string,
  set: { readonly reasons: readonly string[] | undefined } | undefined,
  reasons: readonly AccountListReason[],
): Drift[] {
  if (!set) {
    const mend = async () => {
      await ses.createSet(to, reasons)
      return `made the configuration set ${name}`
    }
    return [{ kind: 'configuration set gone', text: `There is no configuration set ${name}`, mend }]
  }
  if (set.reasons && sorted(set.reasons) === sorted(reasons)) return []
  const mend = async () => {
    await ses.suppressFor(to, reasons)
    return `set the suppression options of ${name} to ${words(reasons)}`
  }
  const are = set.reasons ? words(set.reasons) : 'those of the account'
  return [
    {
      kind: 'suppression options changed',
      text: `The suppression options of ${name} are ${are}, not ${words(reasons)}`,
      mend,
    },
  ]
}

async function destinationFinding(
  to: UsableConnection,
  wanted: Wanted,
  type: FeedbackType,
  name: string,
  found: Destination | undefined,
): Promise<Drift[]> {
  const topics = await wanted.way.topicsFor(to, type)
  const drift = driftOf(name, type, found, topics)
  if (!drift) return []
  const mend = async () => {
    // Asked anew: the project may have been let in since.
    const [topicArn = ''] = await wanted.way.topicsFor(to, type)
    await put(to, wanted, name, type, topicArn)
    return `${found ? 'changed' : 'made'} the event destination ${name}, ${type} to ${topicArn}`
  }
  return [{ ...drift, mend }]
}

function driftOf(
  name: string,
  type: FeedbackType,
  found: Destination | undefined,
  topics: readonly string[],
): Omit<Drift, 'mend'> | undefined {
  if (!found) return { kind: 'destination gone', text: `There is no event destination ${name}` }
  const { enabled, types, topicArn } = found
  if (topicArn === undefined)
    return { kind: 'topic dropped', text: `SES has dropped the topic of the event destination ${name}` }
  if (!topics.includes(topicArn))
    return { kind: 'other topic', text: `The event destination ${name} names ${topicArn}, not ${topics.join(' or ')}` }
  if (types.length !== 1 || types[0] !== type)
    return {
      kind: 'other event types',
      text: `The event destination ${name} tells of ${words(types)}, not of ${type}`,
    }
  return enabled ? undefined : { kind: 'destination disabled', text: `The event destination ${name} is switched off` }
}

async function put(to: UsableConnection, { ses, pause }: Wanted, name: string, type: FeedbackType, topicArn: string) {
  for (const milliseconds of [...pauses, undefined]) {
    const taken = await ses.putDestination(to, name, type, topicArn)
    if (taken.isTaken) return
    if (milliseconds === undefined) throw new TopicRefusedError(topicArn, taken.why)
    await pause(milliseconds)
  }
}

const sorted = (reasons: readonly string[]): string => [...reasons].sort().join()
const words = (values: readonly string[]): string => [...values].sort().join(' and ') || 'none'
