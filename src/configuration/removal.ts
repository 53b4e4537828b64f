/** Undoes the configuration of a project: in the customer's account first, then on our side. */
import { ConnectionError } from '../access/session/errors.ts'
import type { Sessions } from '../access/session/sessions.ts'
import type { Connection, UsableConnection } from '../projects/connection.ts'
import { activityDestination } from './activity-types.ts'
import type { CustomerSes } from './customer-ses.ts'
import type { CustomerTopic } from './customer-topic.ts'
import type { DefaultConfigurationSets } from './default-configuration-sets.ts'
import type { DeliveryPath } from './delivery-path.ts'
import { feedback } from './topics-and-queue.ts'

type RemovalDependencies = {
  readonly ses: CustomerSes
  readonly topic: CustomerTopic
  readonly defaults: DefaultConfigurationSets
  readonly paths: Readonly<Record<Connection['topics'], DeliveryPath>>
  readonly sessions: Pick<Sessions, 'forget'>
}

/** What is removed in the customer's account, in words, and how. */
type Removal = readonly [what: string, remove: () => Promise<void>]

export function createRemoval({ ses, topic, defaults, paths, sessions }: RemovalDependencies) {
  /** The default comes first: SES refuses mail of an identity whose default configuration set does not exist. */
  const removalsOf = async (connection: UsableConnection): Promise<Removal[]> => [
    ['the default configuration set of identities', () => defaults.remove(connection)],
    ...[...feedback.map(({ destination }) => destination), activityDestination].map(
      (destination): Removal => [
        `the event destination ${destination}`,
        () => ses.deleteDestination(connection, destination),
      ],
    ),
    ['the configuration set', () => ses.deleteSet(connection)],
    ...((await usesOwnTopic(connection)) ? [['the topic', () => topic.remove(connection)] satisfies Removal] : []),
  ]

  const usesOwnTopic = async (connection: UsableConnection): Promise<boolean> =>
    connection.topics === 'customer' || (await paths.customer.leftovers(connection)).length > 0

  /**
   * Idempotent.
   * @returns what could not be removed in the customer's account, in words: a customer who has deleted the role must remove it
   * @throws a transient error. Nothing is forgotten then: repeat the call
   */
  return async (connection: Connection): Promise<string[]> => {
    const remaining: string[] = []
    const { roleArn } = connection
    if (roleArn !== undefined)
      for (const [what, remove] of await removalsOf({ ...connection, roleArn })) {
        try {
          await remove()
        } catch (error) {
          if (!(error instanceof ConnectionError) || error.retryable) throw error
          remaining.push(`${what}: ${error.message}`)
        }
      }
    await paths.ours.remove(connection)
    await paths.customer.remove(connection)
    sessions.forget(connection.project)
    return remaining
  }
}
