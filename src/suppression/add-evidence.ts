/**
 * Adds evidence to the suppression list: one write for each address, and no read.
 *
 * Runs as iam/notification-handler.yml, which lets it update the list but not look at it.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Evidence } from './evidence.ts'
import { encode, softPlace, surplusOf } from './stored-evidence.ts'

/** Writes under way at once for one event: SES names up to fifty recipients, and some relays more. */
const atOnce = 32

type Place = { readonly project: string; readonly address: string }

/** @param table the suppression list: partition key `project`, sort key `address` */
export function evidenceWriter(dynamodb: DynamoDBClient, table: string) {
  /**
   * Adding to a set is idempotent and commutes: the same piece twice changes nothing.
   * Where the address has more pieces than its verdict needs, the surplus is taken out, in a second write that only such addresses cost.
   */
  async function addLasting({ project, address }: Place, evidence: Evidence): Promise<void> {
    const Key = { project: { S: project }, address: { S: address } }
    const added = await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key,
        UpdateExpression: 'ADD evidence :pieces',
        ExpressionAttributeValues: { ':pieces': { SS: [encode(evidence)] } },
        ReturnValues: 'UPDATED_NEW',
      }),
    )
    const surplus = surplusOf(added.Attributes?.evidence?.SS ?? [])
    if (surplus.length === 0) return
    // Idempotent, and right whatever was added meanwhile: what is surplus now is surplus in every larger set.
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key,
        UpdateExpression: 'DELETE evidence :pieces',
        ExpressionAttributeValues: { ':pieces': { SS: surplus } },
      }),
    )
  }

  /** Keeping the latest of a day is idempotent and commutes: the same or an older bounce fails the condition and changes nothing. */
  async function addSoft({ project, address }: Place, evidence: Evidence): Promise<void> {
    const { key, weekday, expiresAtSeconds } = softPlace(address, evidence.at)
    const isLatestOfDay = 'attribute_not_exists(#weekday) OR #weekday < :piece'
    await dynamodb
      .send(
        new UpdateItemCommand({
          TableName: table,
          Key: { project: { S: project }, address: { S: key } },
          UpdateExpression: 'SET #weekday = :piece, expiresAt = :expiresAt',
          ConditionExpression: isLatestOfDay,
          ExpressionAttributeNames: { '#weekday': weekday },
          ExpressionAttributeValues: {
            ':piece': { S: encode(evidence) },
            ':expiresAt': { N: String(expiresAtSeconds) },
          },
        }),
      )
      .catch(unlessKnown)
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
        for (const [address, evidence] of waiting) {
          const write = evidence.kind === 'soft' ? addSoft : addLasting
          await write({ project, address }, evidence).catch((error: unknown) => failures.push(error))
        }
      }
      await Promise.all(Array.from({ length: Math.min(atOnce, about.size) }, worker))
      if (failures.length > 0) throw failures[0]
    },
  }
}

function unlessKnown(error: unknown): void {
  if (!(error instanceof ConditionalCheckFailedException)) throw error
}
