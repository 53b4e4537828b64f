/** How connections are proven by a function, and the consequences drawn: what manage-connection and prove-connections have in common. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { STSClient } from '@aws-sdk/client-sts'
import type { ConnectionChanges } from '../connection/change-connection.ts'
import type { Connections } from '../connection/connections.ts'
import { announcing } from '../connection/proof/announce.ts'
import type { Inspect } from '../connection/proof/configuration.ts'
import { probeBy } from '../connection/proof/probe-function.ts'
import { type Prover, proverWith } from '../connection/proof/prover.ts'
import { type Settle, settling } from '../connection/proof/settle.ts'
import type { ProofRecorder } from '../connection/record-proof.ts'
import { type Sessions, sessionsInto } from '../connection/sessions.ts'
import { type Surroundings, setting } from './surroundings.ts'

type Stores = { readonly connections: Connections & ConnectionChanges; readonly proofs: ProofRecorder }

/** @param inspect what has drifted of the configuration; absent where nothing is set up */
export function provingIn(
  surroundings: Surroundings,
  stores: Stores,
  inspect?: Inspect,
): { prove: Prover; settle: Settle; sessions: Sessions } {
  const { client, env, now } = surroundings
  const sts = new STSClient(client)
  const probe = probeBy({
    name: setting(surroundings, 'PROBE_FUNCTION'),
    // One of its own: a client goes on signing for the service that it signed for first.
    client: new STSClient(client),
    endpoint: typeof client.endpoint === 'string' ? client.endpoint : env.AWS_ENDPOINT_URL,
  })
  const announce = announcing(new EventBridgeClient(client), setting(surroundings, 'EVENT_BUS'))
  return {
    prove: proverWith({ client, connections: stores.connections, probe, inspect, now }),
    settle: settling(stores, announce),
    sessions: sessionsInto(sts, now),
  }
}
