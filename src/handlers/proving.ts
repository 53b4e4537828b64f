/** How connections are proven by a function, and the consequences drawn: what manage-connection and prove-connections have in common. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { STSClient } from '@aws-sdk/client-sts'
import { createAnnounce } from '../access/proof/announce.ts'
import { createProbe } from '../access/proof/probe-function.ts'
import { createProver, type Prover } from '../access/proof/prover.ts'
import { createSettle, type Settle } from '../access/proof/settle.ts'
import type { Inspect } from '../access/proof/steps/configuration.ts'
import { createSessions, type Sessions } from '../access/session/sessions.ts'
import { type Runtime, readSetting } from '../lambda/runtime.ts'
import type { ConnectionChanges } from '../projects/change-connection.ts'
import type { Connections } from '../projects/connections.ts'
import type { ProofRecorder } from '../projects/record-proof.ts'

type Stores = { readonly connections: Connections & ConnectionChanges; readonly proofs: ProofRecorder }

/** @param inspect what has drifted of the configuration; absent where nothing is set up */
export function createProving(
  surroundings: Runtime,
  stores: Stores,
  inspect?: Inspect,
): { prove: Prover; settle: Settle; sessions: Sessions } {
  const { client, env, now } = surroundings
  const sts = new STSClient(client)
  const probe = createProbe({
    name: readSetting(surroundings, 'PROBE_FUNCTION'),
    // One of its own: a client goes on signing for the service that it signed for first.
    client: new STSClient(client),
    endpoint: typeof client.endpoint === 'string' ? client.endpoint : env.AWS_ENDPOINT_URL,
  })
  const announce = createAnnounce(new EventBridgeClient(client), readSetting(surroundings, 'EVENT_BUS'))
  return {
    prove: createProver({ client, connections: stores.connections, probe, inspect, now }),
    settle: createSettle(stores, announce),
    sessions: createSessions(sts, now),
  }
}
