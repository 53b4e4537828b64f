/**
 * The path of events from SES to us. There are two: our shared topics (shared-topics-path.ts), and a topic in the customer's account
 * (customer-topic-path.ts).
 */
import { partitionOf } from '../access/session/session-policy.ts'
import { type Connection, configurationSetOf, type UsableConnection } from '../projects/connection.ts'
import type { Drift } from './drift.ts'
import type { TopicKind } from './topics-and-queue.ts'

export type DeliveryPath = {
  /** Drift of what must exist before SES can publish events of these kinds, in the order of repair. */
  drift(connection: UsableConnection, kinds: readonly TopicKind[]): Promise<Drift[]>
  /** ARNs of the topics that the event destination of a kind may have. A repair sets the first. Empty if the path takes no such events. */
  topicsFor(connection: UsableConnection, kind: TopicKind): Promise<readonly string[]>
  /** What remains of this path although the connection uses the other one, as drift. */
  leftovers(connection: UsableConnection): Promise<Drift[]>
  /** Removes what belongs to the connection on our side. Idempotent. */
  remove(connection: Connection): Promise<void>
}

/** The ARN of the project's configuration set: the value of aws:SourceArn when SES publishes its events. */
export const sourceArnOf = ({ project, account, region }: Pick<Connection, 'project' | 'account' | 'region'>): string =>
  `arn:${partitionOf(region)}:ses:${region}:${account}:configuration-set/${configurationSetOf(project)}`
