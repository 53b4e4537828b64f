/**
 * Writes rulings: a person or an import suppresses or reinstates an address. A ruling overrules older evidence, never newer.
 *
 * The item of the address keeps the latest ruling of each kind, which decides, and the history of its rulings, which decides nothing.
 */
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { updateItem } from '../update-item.ts'
import { futureFrom } from './future.ts'
import type { Ruling } from './judge.ts'
import { historyTextOf, rulingTextOf } from './stored-ruling.ts'

/** Rulings in the history of an address. A full history keeps these, and each write of evidence to the address stays cheap. */
const historyLength = 20

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createRulings(dynamodb: DynamoDBClient, table: string, now: () => Date = () => new Date()) {
  /**
   * Keeps the latest ruling, which is idempotent and commutes: the same or an older ruling fails the condition. The same write adds the
   * ruling to the history, a set, to which a second addition adds nothing. A stored ruling from the future counts for nothing and is replaced.
   */
  async function keepLatest(
    attribute: 'manual' | 'reinstated',
    project: string,
    address: string,
    ruling: Ruling,
    isNewest = 'attribute_not_exists(#ruling) OR #ruling < :ruling OR #ruling > :future',
  ): Promise<RulingOutcome> {
    const text = rulingTextOf(ruling)
    const write = (update: string, condition: string, history: Record<string, AttributeValue>) =>
      updateItem(dynamodb, table, {
        Key: { project: { S: project }, address: { S: address } },
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeNames: {
          '#ruling': attribute,
          ...(update.includes('#history') && { '#history': 'rulings' }),
        },
        ExpressionAttributeValues: {
          ':ruling': { S: text },
          ...(condition.includes(':future') && { ':future': { S: futureFrom(now()) } }),
          ...history,
        },
      })
    const entry = { SS: [historyTextOf(attribute === 'manual' ? 'suppress' : 'reinstate', ruling)] }
    const hasRoom = 'attribute_not_exists(#history) OR size(#history) < :most'
    const isRecorded =
      (await write('SET #ruling = :ruling ADD #history :entry', `(${isNewest}) AND (${hasRoom})`, {
        ':entry': entry,
        ':most': { N: String(historyLength) },
      })) || (await write('SET #ruling = :ruling', isNewest, {}))
    return isRecorded ? 'recorded' : 'ignored: a newer ruling stands'
  }

  return {
    suppress: (project: string, address: string, ruling: Ruling) => keepLatest('manual', project, address, ruling),
    reinstate: (project: string, address: string, ruling: Ruling) => keepLatest('reinstated', project, address, ruling),
    /**
     * Suppresses an address of a list that does not say since when. Idempotent, and a ruling that exists stands: nobody knows which of the two is
     * newer. So a list that is imported again after some addresses were reinstated suppresses none of them.
     */
    suppressUndated: (project: string, address: string, ruling: Ruling) =>
      keepLatest(
        'manual',
        project,
        address,
        ruling,
        'attribute_not_exists(#ruling) AND attribute_not_exists(reinstated)',
      ),
  }
}

export type RulingOutcome = 'recorded' | 'ignored: a newer ruling stands'
