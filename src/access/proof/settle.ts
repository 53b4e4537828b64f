/**
 * Applies the result of a proof: stores it, marks the connection proven or quarantined, and publishes a change of quarantine.
 *
 * A proof without a result (STS throttled us, the network was down) has no effect: the connection stays as it is, and the proof is
 * repeated.
 */
import type { Publish } from '../../events/bus.ts'
import { quarantinedEventOf, restoredEventOf } from '../../events/connection-events.ts'
import type { ConnectionChanges } from '../../projects/change-connection.ts'
import type { Actor } from '../../projects/changes.ts'
import type { Connection, ConnectionState } from '../../projects/connection.ts'
import type { Connections } from '../../projects/connections.ts'
import { passed } from '../../projects/proofs.ts'
import type { ProofRecorder } from '../../projects/record-proof.ts'
import { type Conclusion, conclusionOf, type ProofFindings, proofOf } from './conclusion.ts'

export type Settled = {
  readonly conclusion: Conclusion
  readonly why?: string
  /** The state of the connection after the proof. */
  readonly state: ConnectionState
}

/** @param proven the connection as it was when the proof began */
export type Settle = (proven: Connection, findings: ProofFindings, actor: Actor) => Promise<Settled>

type Stores = {
  readonly connections: Pick<Connections, 'find'> & Pick<ConnectionChanges, 'retire'>
  readonly proofs: Pick<ProofRecorder, 'record'>
}

/**
 * Idempotent: a proof is stored under its date, and the latest proof of the connection decides. Each failed proof publishes the quarantine
 * again until the connection is repaired, so a lost event has no lasting effect, and a consumer may receive an event twice.
 */
export function createSettle({ connections, proofs }: Stores, publish: Publish): Settle {
  return async (proven, findings, actor) => {
    const result = conclusionOf(findings.steps)
    // Without a role there was nothing to prove.
    if (result.conclusion === 'open' || proven.roleArn === undefined) return { ...result, state: proven.state }
    const proof = proofOf(findings)
    const { at } = proof
    const recorded = await proofs.record(proven, proof, actor)
    const current = await connections.find(proven.project)
    if (recorded !== 'kept') {
      if (current?.quarantine) await publish([quarantinedEventOf(proven, at, current.quarantine)])
      else if (recorded.before === 'quarantined') await publish([restoredEventOf(proven, at)])
      if (passed(proof) && proof.usedNextId) await connections.retire(proven, { ...actor, at })
    }
    return { ...result, state: current?.state ?? 'waiting' }
  }
}
