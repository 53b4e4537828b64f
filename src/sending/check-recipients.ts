/** Checks recipients of a project: reads its state and the list, and asks the guard. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { findSendingState, type SendingState } from '../projects/sending-state.ts'
import type { MarkKeys } from '../suppression/erasure-mark.ts'
import { hasBlockingMarks } from '../suppression/read-marks.ts'
import { createBriefCache, stateKeptMs } from './brief-cache.ts'
import { addressesOf, type Decision, type GuardFacts, guard } from './guard.ts'
import { readKnownAddresses } from './known-addresses.ts'

/** Project → its state, not older than ten seconds. */
export function createSendingStates(table: string, now: () => Date) {
  const states = createBriefCache<SendingState | undefined>(stateKeptMs, now)
  return (dynamodb: DynamoDBClient, project: string): Promise<SendingState | undefined> =>
    states(project, () => findSendingState(dynamodb, table, project, now()))
}

export type SendingStates = ReturnType<typeof createSendingStates>

/**
 * Project → how the hashes of its erased addresses are made, if it has any: known for as long as its state. The first erasure of a project waits
 * for that time between writing the hash and erasing the address (src/erasure/erase-person.ts).
 *
 * @param suppressions the suppression list
 */
export function createMarksOf(suppressions: string, keyOf: MarkKeys, now: () => Date) {
  const known = createBriefCache<MarkKeys | undefined>(stateKeptMs, now)
  return (dynamodb: DynamoDBClient, project: string): Promise<MarkKeys | undefined> =>
    known(project, async () => ((await hasBlockingMarks(dynamodb, suppressions, project)) ? keyOf : undefined))
}

export type MarksOf = ReturnType<typeof createMarksOf>

export type ListAccess = {
  readonly suppressions: string
  readonly stateOf: SendingStates
  readonly marksOf: MarksOf
}

export type Checked = { readonly state: SendingState; readonly decisions: readonly Decision[] }

/**
 * One request for up to 100 addresses, and three for the state of the project if it is not known.
 *
 * @param onUnreadable is told why the list could not be read. The decisions then follow the setting of the project
 * @returns `undefined` if there is no such project
 */
export async function checkRecipients(
  dynamodb: DynamoDBClient,
  { suppressions, stateOf, marksOf }: ListAccess,
  project: string,
  recipients: readonly string[],
  now: Date,
  onUnreadable: (cause: unknown) => void,
): Promise<Checked | undefined> {
  const unreadable = (cause: unknown): 'unreadable' => {
    onUnreadable(cause)
    return 'unreadable'
  }
  const [state, known] = await Promise.all([
    stateOf(dynamodb, project),
    marksOf(dynamodb, project)
      .then((markKeyOf) => readKnownAddresses(dynamodb, suppressions, project, addressesOf(recipients), markKeyOf))
      .catch(unreadable),
  ])
  if (!state) return undefined
  const { rules, sending } = state.project
  const facts: GuardFacts = { known, rules, ifListUnreadable: sending?.ifListUnreadable ?? 'refuse', hold: state.hold }
  return { state, decisions: guard(recipients, facts, now) }
}
