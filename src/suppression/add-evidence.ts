/**
 * Adds evidence to the suppression list: one write per address, two for the rare kinds that a rule may count by day, and no read.
 *
 * The role that uses it, iam/notification-handler.yml, may update the list but not read it.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { concurrently } from '../concurrently.ts'
import { updateItem } from '../update-item.ts'
import type { Evidence } from './evidence.ts'
import { futureFrom } from './future.ts'
import { encode, type StoredPlace, storedPlacesOf } from './stored-evidence.ts'

/** Concurrent writes for one event. SES names up to 50 recipients, and some relays more. */
const concurrentWrites = 32

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createEvidenceWriter(dynamodb: DynamoDBClient, table: string, now: () => Date) {
  /**
   * Keeps the latest and the first evidence of a kind, which is idempotent and commutes. A copy of the latest writes the value that is
   * already there. Older evidence fails the condition; only then may it still be the first. Evidence of version 0.2.0 with a time in the future
   * counts for nothing and is replaced.
   */
  async function addTo(project: string, evidence: Evidence, place: StoredPlace): Promise<void> {
    const { key, last, first } = place
    const text = { ':evidence': { S: encode(evidence, place) } }
    const Key = { project: { S: project }, address: { S: key } }
    const isLatest = await updateItem(dynamodb, table, {
      Key,
      UpdateExpression: `SET ${last} = :evidence${first ? `, ${first} = if_not_exists(${first}, :evidence)` : ''}`,
      ConditionExpression: `attribute_not_exists(${last}) OR ${last} <= :evidence OR ${last} > :future`,
      ExpressionAttributeValues: {
        ...text,
        ':future': { S: futureFrom(now()) },
      },
    })
    if (isLatest || !first) return
    await updateItem(dynamodb, table, {
      Key,
      UpdateExpression: `SET ${first} = :evidence`,
      ConditionExpression: `${first} >= :evidence`,
      ExpressionAttributeValues: text,
    })
  }

  return {
    /**
     * Adds the evidence of one event. Idempotent. Every address is written, even after a write failed.
     * @param byAddress normalised address → evidence
     * @throws the first error, after all addresses were tried: the event is then delivered again
     */
    async add(project: string, byAddress: ReadonlyMap<string, Evidence>): Promise<void> {
      const failures: unknown[] = []
      const writes = [...byAddress].flatMap(([address, evidence]) =>
        storedPlacesOf(address, evidence).map((place) => ({ evidence, place })),
      )
      await concurrently(writes, Math.min(concurrentWrites, writes.length), async ({ evidence, place }) =>
        addTo(project, evidence, place).catch((error: unknown) => failures.push(error)),
      )
      if (failures.length > 0) throw failures[0]
    },
  }
}
