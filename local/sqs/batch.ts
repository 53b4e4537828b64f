/** How a batch is worked off. */
import { AwsError } from '../service.ts'

/** Tries every entry of a batch: one that fails is reported and takes no other with it. */
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
