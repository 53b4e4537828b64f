/**
 * Draws the consequences of a proof: stored with its date, the connection proven or quarantined, and whoever listens told.
 *
 * What could not be told this time (STS throttled us, the network was down) decides nothing: the connection stays as it is, and the
 * proof is tried again.
 */
import type { ConnectionChanges } from '../../projects/change-connection.ts'
import type { Actor } from '../../projects/changes.ts'
import type { Connection, ConnectionState } from '../../projects/connection.ts'
import type { Connections } from '../../projects/connections.ts'
import { passed } from '../../projects/proofs.ts'
import type { ProofRecorder } from '../../projects/record-proof.ts'
import type { Announce } from './announce.ts'
import { type Conclusion, conclusionOf, type ProofFindings, proofOf } from './conclusion.ts'

export type Settled = {
  readonly conclusion: Conclusion
  readonly why?: string
  /** What the connection is from now on. */
  readonly state: ConnectionState
}

export type Settle = (proven: Connection, findings: ProofFindings, who: Actor) => Promise<Settled>

type Stores = {
  readonly connections: Pick<Connections, 'find'> & Pick<ConnectionChanges, 'retire'>
  readonly proofs: Pick<ProofRecorder, 'record'>
}

export function createSettle({ connections, proofs }: Stores, announce: Announce): Settle {
  return async (proven, findings, who) => {
    const verdict = conclusionOf(findings.steps)
    // Without a role there was nothing to prove.
    if (verdict.conclusion === 'open' || proven.roleArn === undefined) return { ...verdict, state: proven.state }
    const proof = proofOf(findings)
    const { at } = proof
    const recorded = await proofs.record(proven, proof, who)
    const now = await connections.find(proven.project)
    if (recorded !== 'kept') {
      if (now?.quarantine) await announce('Connection Quarantined', proven, { at, ...now.quarantine })
      else if (recorded.before === 'quarantined') await announce('Connection Restored', proven, { at })
      if (passed(proof) && proof.usedNextId) await connections.retire(proven, { ...who, at })
    }
    return { ...verdict, state: now?.state ?? 'waiting' }
  }
}
