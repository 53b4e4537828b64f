/**
 * Writes rulings: a person or an import suppresses or reinstates an address. A ruling overrules older evidence, never newer.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Ruling } from './judge.ts'

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createRulings(dynamodb: DynamoDBClient, table: string) {
  /** Keeps the latest ruling, which is idempotent and commutes: the same or an older ruling fails the condition. */
  async function keepLatest(
    attribute: 'manual' | 'reinstated',
    project: string,
    address: string,
    ruling: Ruling,
  ): Promise<RulingOutcome> {
    const text = [
      ruling.at.toISOString(),
      ruling.by.replaceAll(/\s+/g, '_').slice(0, 64),
      ruling.why.slice(0, 200),
    ].join(' ')
    try {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { project: { S: project }, address: { S: address } },
          UpdateExpression: 'SET #ruling = :ruling',
          ConditionExpression: 'attribute_not_exists(#ruling) OR #ruling < :ruling',
          ExpressionAttributeNames: { '#ruling': attribute },
          ExpressionAttributeValues: { ':ruling': { S: text } },
        }),
      )
      return 'recorded'
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'ignored: a newer ruling stands'
      throw error
    }
  }

  return {
    suppress: (project: string, address: string, ruling: Ruling) => keepLatest('manual', project, address, ruling),
    reinstate: (project: string, address: string, ruling: Ruling) => keepLatest('reinstated', project, address, ruling),
  }
}

export type RulingOutcome = 'recorded' | 'ignored: a newer ruling stands'
