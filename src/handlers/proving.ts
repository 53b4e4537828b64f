/** Proofs of connections and their consequences: shared by manage-connection and prove-connections. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { STSClient } from '@aws-sdk/client-sts'
import { createProbe } from '../access/proof/probe-function.ts'
import { createProver, type Prover } from '../access/proof/prover.ts'
import { createSettle, type Settle } from '../access/proof/settle.ts'
import type { Inspect } from '../access/proof/steps/configuration.ts'
import { createSessions, type Sessions } from '../access/session/sessions.ts'
import { createEventBus } from '../events/bus.ts'
import { endpointOf, type Runtime, readSetting } from '../lambda/runtime.ts'
import type { ConnectionChanges } from '../projects/change-connection.ts'
import type { Connections } from '../projects/connections.ts'
import type { ProofRecorder } from '../projects/record-proof.ts'

type Stores = { readonly connections: Connections & ConnectionChanges; readonly proofs: ProofRecorder }

/** @param inspect finds the drift of a project's configuration; absent if nothing is configured */
export function createProving(
  runtime: Runtime,
  stores: Stores,
  inspect?: Inspect,
): { prove: Prover; settle: Settle; sessions: Sessions } {
  const { client, now, sleep } = runtime
  const probe = createProbe({
    name: readSetting(runtime, 'PROBE_FUNCTION'),
    // A client of its own: a client keeps signing for the service that it signed for first.
    client: new STSClient(client),
    endpoint: endpointOf(runtime),
  })
  const { publish } = createEventBus(new EventBridgeClient(client), readSetting(runtime, 'EVENT_BUS'))
  return {
    prove: createProver({ client, connections: stores.connections, probe, inspect, now, pause: sleep }),
    settle: createSettle(stores, publish),
    sessions: createSessions(new STSClient(client), now),
  }
}
