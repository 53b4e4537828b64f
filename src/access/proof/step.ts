/**
 * One step of a proof: what was checked, what was found, and what to paste if the check failed.
 */
import { ConnectionError } from '../session/errors.ts'

/** What a step checks, and what must be repaired if it fails. Each layer has the file of its name in src/access/proof/steps. */
export const proofLayers = [
  'arn',
  'own role',
  'trust',
  'permissions',
  'duration',
  'account',
  'configuration',
  'delivery',
  'inspection',
] as const
export type ProofLayer = (typeof proofLayers)[number]

export type ProofVerdict = 'passed' | 'failed' | 'skipped' | 'unknown'

export type ProofStep = {
  /** A sentence: the statement that was checked, or, if the check failed, what is wrong. */
  readonly step: string
  readonly verdict: ProofVerdict
  readonly layer: ProofLayer
  /** The finding in detail. Contains no external id and no address. */
  readonly found: string
  /** The text that repairs the role. It may contain the external id of the connection: show it to the operator, never store it. */
  readonly paste?: string
  /** The proof has no result without this step: something on our side, or something transient, prevented it. */
  readonly isOpen?: true
}

/** What a step checks. */
export type Check = Pick<ProofStep, 'step' | 'layer'>

/** A check that can fail. `failure` is the sentence that replaces `step` if it does. */
export type FallibleCheck = Check & { readonly failure: string }

const stepOf = ({ step, layer }: Check): Check => ({ step, layer })

export const passing = (check: Check, found: string): ProofStep => ({ ...stepOf(check), verdict: 'passed', found })

export const failing = ({ layer, failure }: FallibleCheck, found: string, paste?: string): ProofStep => ({
  step: failure,
  layer,
  verdict: 'failed',
  found,
  ...(paste !== undefined && { paste }),
})

export const skipping = (check: Check, found: string): ProofStep => ({ ...stepOf(check), verdict: 'skipped', found })

/** The check has no result, and the proof is valid without it. */
export const inconclusive = (check: Check, found: string, paste?: string): ProofStep => ({
  ...stepOf(check),
  verdict: 'unknown',
  found,
  ...(paste !== undefined && { paste }),
})

/** The check has no result this time, and the proof has no result without it. */
export const unanswered = (check: Check, found: string): ProofStep => ({
  ...stepOf(check),
  verdict: 'unknown',
  found,
  isOpen: true,
})

/** The message of an error without the name of the project. Of an unexpected error only its class is named. */
export function messageOf(error: unknown): string {
  if (error instanceof ConnectionError) return error.message.replace(/^Project [\w-]+: /, '')
  return error instanceof Error ? error.name : 'an unknown error'
}
