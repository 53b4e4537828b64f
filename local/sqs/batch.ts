/** Batch operations. */
import { AwsError } from '../service.ts'

/**
 * Runs `act` for every entry. A failed entry is reported and does not affect the others.
 *
 * @throws AwsError for a batch that SQS refuses as a whole: empty, more than 10 entries, ids not distinct
 */
export function eachEntry<Entry extends { Id: string }>(
  entries: readonly Entry[],
  act: (entry: Entry) => object | undefined,
) {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.')
  }
  if (entries.length > 10) {
    throw new AwsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.')
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.')
  }
  const Successful: object[] = []
  const Failed: object[] = []
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...act(entry) })
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      Failed.push({ Id: entry.Id, Code: cause.code, Message: cause.message, SenderFault: cause.status < 500 })
    }
  }
  return { Successful, Failed }
}
