/** Checks recipients of a project: reads its state and the list, and asks the guard. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { findSendingState, type SendingState } from '../projects/sending-state.ts'
import { createBriefCache } from './brief-cache.ts'
import { addressesOf, type Decision, type GuardFacts, guard } from './guard.ts'
import { readKnownAddresses } from './known-addresses.ts'

/** The state of a project is known for so long: docs/sending.md#how-current-the-answer-is. */
const stateKeptMs = 10_000

/** Project → its state, not older than ten seconds. */
export function createSendingStates(table: string, now: () => Date) {
  const states = createBriefCache<SendingState | undefined>(stateKeptMs, now)
  return (dynamodb: DynamoDBClient, project: string): Promise<SendingState | undefined> =>
    states(project, () => findSendingState(dynamodb, table, project))
}

export type SendingStates = ReturnType<typeof createSendingStates>

export type Checked = { readonly state: SendingState; readonly decisions: readonly Decision[] }

/**
 * One request for up to 100 addresses, and two for the state of the project if it is not known.
 *
 * @param onUnreadable is told why the list could not be read. The decisions then follow the setting of the project
 * @returns `undefined` if there is no such project
 */
export async function checkRecipients(
  dynamodb: DynamoDBClient,
  { suppressions, stateOf }: { readonly suppressions: string; readonly stateOf: SendingStates },
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
    readKnownAddresses(dynamodb, suppressions, project, addressesOf(recipients)).catch(unreadable),
  ])
  if (!state) return undefined
  const { rules, sending } = state.project
  const facts: GuardFacts = { known, rules, ifListUnreadable: sending?.ifListUnreadable ?? 'refuse', hold: state.hold }
  return { state, decisions: guard(recipients, facts, now) }
}
