/**
 * Reads what the list says about many addresses: one request for up to 100, half a read unit for each.
 *
 * It reads the item of each address, without the items of its soft bounces: their outcome is in the same item (soft-outcome.ts). The read
 * is eventually consistent.
 */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  type KeysAndAttributes,
} from '@aws-sdk/client-dynamodb'
import { answered } from '../answered.ts'
import { concurrently } from '../concurrently.ts'
import { type MarkKeys, readMark } from '../suppression/erasure-mark.ts'
import { readItem, recordOf } from '../suppression/read-list.ts'
import { readSoftOutcome, softOutcomeAttribute } from '../suppression/soft-outcome.ts'
import type { KnownAddress } from './guard.ts'

/** The most keys that one BatchGetItem may have. */
const batchSize = 100
const batchesAtOnce = 5
/** Requests for one batch: DynamoDB may return a part of it. */
const maxRequests = 5

/** DynamoDB did not return all of the items. */
class ListUnreadableError extends Error {
  override readonly name = 'ListUnreadableError'
  readonly retryable = true
  readonly missing: number

  constructor(missing: number) {
    super(`The suppression list did not return ${missing} of the requested addresses. Try again`)
    this.missing = missing
  }
}

/**
 * The addresses that the list has, with what it says.
 * @param addresses normalised and distinct
 * @param markKeyOf given if the project keeps hashes of erased addresses: then these are read, too, which doubles the read units
 * @throws ListUnreadableError | an error of DynamoDB
 */
export async function readKnownAddresses(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  addresses: readonly string[],
  markKeyOf?: MarkKeys,
): Promise<ReadonlyMap<string, KnownAddress>> {
  const known = new Map<string, KnownAddress>()
  const addressByMark = new Map(
    markKeyOf ? addresses.map((address) => [markKeyOf(project, address).blocking, address]) : [],
  )
  const keys = [...addresses, ...addressByMark.keys()]
  const batches = Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, i) =>
    keys.slice(i * batchSize, (i + 1) * batchSize),
  )
  await concurrently(batches, batchesAtOnce, async (batch) => {
    const Keys = batch.map((key) => ({ project: { S: project }, address: { S: key } }))
    let wanted: Record<string, KeysAndAttributes> | undefined = { [table]: { Keys } }
    for (let requests = 0; wanted?.[table]?.Keys?.length; requests++) {
      if (requests === maxRequests) throw new ListUnreadableError(wanted[table].Keys.length)
      const answer: BatchGetItemCommandOutput = await dynamodb.send(new BatchGetItemCommand({ RequestItems: wanted }))
      // An answer without our table would make every address look clear.
      for (const item of answered(answer.Responses?.[table], 'BatchGetItem: Responses').map(readItem)) {
        const erased = addressByMark.get(item.address)
        const facts =
          erased === undefined
            ? { record: recordOf([item]), soft: readSoftOutcome(item[softOutcomeAttribute]) }
            : { mark: readMark(item) }
        const address = erased ?? item.address
        known.set(address, { record: { evidence: [] }, ...known.get(address), ...facts })
      }
      wanted = answer.UnprocessedKeys
    }
  })
  return known
}
