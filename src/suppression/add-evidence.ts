/**
 * Adds evidence to the suppression list: one write for each address, and no read.
 *
 * Runs as iam/notification-handler.yml, which lets it update the list but not look at it.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Evidence } from './evidence.ts'
import { encode, storedPlaceOf } from './stored-evidence.ts'

/** Writes under way at once for one event: SES names up to fifty recipients, and some relays more. */
const atOnce = 32

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createEvidenceWriter(dynamodb: DynamoDBClient, table: string) {
  /**
   * Keeping the latest and the first is idempotent and commutes. A copy of the latest sets what is there already, which changes nothing; an
   * older piece fails the condition, and only then may it still be the first.
   */
  async function addTo(project: string, address: string, evidence: Evidence): Promise<void> {
    const { key, last, first, expiresAtSeconds } = storedPlaceOf(address, evidence)
    const piece = { ':piece': { S: encode(evidence) } }
    const Key = { project: { S: project }, address: { S: key } }
    const isLatest = await update({
      TableName: table,
      Key,
      UpdateExpression: `SET ${last} = :piece${first ? `, ${first} = if_not_exists(${first}, :piece)` : ''}${expiresAtSeconds ? ', expiresAt = :expiresAt' : ''}`,
      ConditionExpression: `attribute_not_exists(${last}) OR ${last} <= :piece`,
      ExpressionAttributeValues: {
        ...piece,
        ...(expiresAtSeconds && { ':expiresAt': { N: String(expiresAtSeconds) } }),
      },
    })
    if (isLatest || !first) return
    await update({
      TableName: table,
      Key,
      UpdateExpression: `SET ${first} = :piece`,
      ConditionExpression: `${first} >= :piece`,
      ExpressionAttributeValues: piece,
    })
  }

  /** Answers whether the condition held. */
  async function update(input: UpdateItemCommand['input']): Promise<boolean> {
    try {
      await dynamodb.send(new UpdateItemCommand(input))
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    }
  }

  return {
    /**
     * Adds what an event proved. Every address is tried, even after one failed.
     * @throws the first failure, so that the event is delivered again; what was written then changes nothing.
     */
    async add(project: string, about: ReadonlyMap<string, Evidence>): Promise<void> {
      const waiting = about.entries()
      const failures: unknown[] = []
      const worker = async () => {
        for (const [address, evidence] of waiting)
          await addTo(project, address, evidence).catch((error: unknown) => failures.push(error))
      }
      await Promise.all(Array.from({ length: Math.min(atOnce, about.size) }, worker))
      if (failures.length > 0) throw failures[0]
    },
  }
}
