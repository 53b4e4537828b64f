/**
 * One step of a proof: what was tried, what came of it, and what to paste where it failed.
 */
import { ConnectionError } from '../session/errors.ts'

/** Where a step looks. The layer of a failed step is the layer to mend. */
export const proofLayers = [
  'arn',
  'own role',
  'trust',
  'permissions',
  'duration',
  'account',
  'configuration',
  'delivery',
] as const
export type ProofLayer = (typeof proofLayers)[number]

export type ProofVerdict = 'passed' | 'failed' | 'skipped' | 'unknown'

export type ProofStep = {
  /** What was tried, in words. */
  readonly step: string
  readonly verdict: ProofVerdict
  readonly layer: ProofLayer
  /** What was found. No external id and no address stands in it. */
  readonly found: string
  /** What to paste to mend it; may hold the connection's external id, so it is shown to the operator and never stored. */
  readonly paste?: string
  /** Without an answer here the proof says nothing: something of ours, or something that passes, stood in the way. */
  readonly isOpen?: true
}

type Name = Pick<ProofStep, 'step' | 'layer'>

export const passing = (name: Name, found: string): ProofStep => ({ ...name, verdict: 'passed', found })
export const failing = (name: Name, found: string, paste?: string): ProofStep => ({
  ...name,
  verdict: 'failed',
  found,
  ...(paste !== undefined && { paste }),
})
export const skipping = (name: Name, found: string): ProofStep => ({ ...name, verdict: 'skipped', found })
/** It cannot be told, now or ever, and the proof stands without it. */
export const inconclusive = (name: Name, found: string, paste?: string): ProofStep => ({
  ...name,
  verdict: 'unknown',
  found,
  ...(paste !== undefined && { paste }),
})
/** It could not be told this time, and nothing is proven without it. */
export const unanswered = (name: Name, found: string): ProofStep => ({
  ...name,
  verdict: 'unknown',
  found,
  isOpen: true,
})

/** What an error says without naming the project again. */
export function messageOf(error: unknown): string {
  if (error instanceof ConnectionError) return error.message.replace(/^Project [\w-]+: /, '')
  return error instanceof Error ? error.name : 'an unknown error'
}
