/**
 * The conclusion from the steps of a proof: passed or failed, the proof to store, and the answers to three questions.
 */
import type { Proof } from '../../projects/proofs.ts'
import type { ProofLayer, ProofStep } from './step.ts'

/** A failure in one of these layers closes the connection. Drift and missing mail are reported only: they give no one access. */
const decidingLayers: readonly ProofLayer[] = ['arn', 'own role', 'trust', 'permissions', 'duration', 'account']

/** `open`: no step failed, but a step that the proof needs had no result this time. */
export type Conclusion = 'passed' | 'failed' | 'open'

export type ProofFindings = {
  readonly at: Date
  readonly steps: readonly ProofStep[]
  /** The role accepted the second external id of a rotation. */
  readonly usedNextId: boolean
}

/** @returns `why`: one sentence about the step that decided; absent if the proof passed */
export function conclusionOf(steps: readonly ProofStep[]): { conclusion: Conclusion; why?: string } {
  const failed = steps.find(({ verdict, layer }) => verdict === 'failed' && decidingLayers.includes(layer))
  if (failed) return { conclusion: 'failed', why: `${failed.layer}: ${failed.step}` }
  const unanswered = steps.find(({ isOpen }) => isOpen)
  if (unanswered) return { conclusion: 'open', why: notChecked(unanswered) }
  return { conclusion: 'passed' }
}

const notChecked = ({ step, found }: ProofStep): string => `not checked: ${step} (${found})`

/** The proof to store: its steps without the texts to paste, which contain the external id. */
export function proofOf({ at, steps, usedNextId }: ProofFindings): Proof {
  const { why } = conclusionOf(steps)
  const report = steps.map(({ paste: _, ...step }) => step)
  return { at, usedNextId, report, ...(why !== undefined && { why }) }
}

export type ProofQuestion = {
  readonly question: string
  readonly answer: 'yes' | 'no' | 'unknown'
  readonly because: string
}

/** The three questions that operators ask first. */
export function questionsOf(steps: readonly ProofStep[]): ProofQuestion[] {
  return [
    answerFrom(steps, 'trust', 'Is the trust relationship correct?'),
    answerFrom(steps, 'permissions', 'Are the permissions granted?'),
    answerFrom(steps, 'duration', 'Is the session duration allowed?'),
  ]
}

function answerFrom(steps: readonly ProofStep[], layer: ProofLayer, question: string): ProofQuestion {
  const ofLayer = steps.filter((step) => step.layer === layer)
  const countOf = (verdict: ProofStep['verdict']) => ofLayer.filter((step) => step.verdict === verdict).length
  const failed = ofLayer.find(({ verdict }) => verdict === 'failed')
  if (failed) return { question, answer: 'no', because: failed.step }
  const unanswered = ofLayer.find(({ isOpen }) => isOpen)
  if (unanswered) return { question, answer: 'unknown', because: notChecked(unanswered) }
  const [passed, unknown] = [countOf('passed'), countOf('unknown')]
  if (passed === 0) return { question, answer: 'unknown', because: ofLayer[0]?.found ?? 'an earlier step failed' }
  return { question, answer: 'yes', because: `${passed} passed${unknown ? `, ${unknown} cannot be tested` : ''}` }
}
