/**
 * What the steps add up to: whether the door is as it must be, and what is kept of them.
 */
import type { Proof } from '../../projects/proofs.ts'
import type { ProofLayer, ProofStep } from './step.ts'

/** Failing here closes the connection. Drift and mail that does not come back are reported: they open no door and close none. */
const deciding: readonly ProofLayer[] = ['arn', 'own role', 'trust', 'permissions', 'duration', 'account']

/** `open`: nothing failed, but something that must be known could not be told this time. */
export type Conclusion = 'passed' | 'failed' | 'open'

export type ProofFindings = {
  readonly at: Date
  readonly steps: readonly ProofStep[]
  readonly usedNextId: boolean
}

export function conclusionOf(steps: readonly ProofStep[]): { conclusion: Conclusion; why?: string } {
  const failed = steps.find(({ verdict, layer }) => verdict === 'failed' && deciding.includes(layer))
  if (failed) return { conclusion: 'failed', why: `${failed.layer}: ${failed.step}: no` }
  const unanswered = steps.find(({ isOpen }) => isOpen)
  if (unanswered) return { conclusion: 'open', why: `${unanswered.step}: ${unanswered.found}` }
  return { conclusion: 'passed' }
}

/** The proof to store: its steps without what is to be pasted, which holds the external id. */
export function proofOf({ at, steps, usedNextId }: ProofFindings): Proof {
  const { why } = conclusionOf(steps)
  const report = steps.map(({ paste: _, ...step }) => step)
  return { at, usedNextId, report, ...(why !== undefined && { why }) }
}

export type ProofQuestion = {
  readonly question: string
  readonly answer: 'yes' | 'no' | 'not told'
  readonly because: string
}

/** The three questions that everybody asks first. */
export function questionsOf(steps: readonly ProofStep[]): ProofQuestion[] {
  return [
    ask('Is the trust relationship right?', steps, ['trust']),
    ask('Are the permissions there?', steps, ['permissions']),
    ask('Is the session duration allowed?', steps, ['duration']),
  ]
}

function ask(question: string, steps: readonly ProofStep[], about: readonly ProofLayer[]): ProofQuestion {
  const ofLayer = steps.filter(({ layer }) => about.includes(layer))
  const no = ofLayer.find(({ verdict }) => verdict === 'failed')
  if (no) return { question, answer: 'no', because: `not so: ${no.step}` }
  const unsure = ofLayer.find(({ isOpen }) => isOpen)
  if (unsure) return { question, answer: 'not told', because: `${unsure.step}: ${unsure.found}` }
  if (!ofLayer.some(({ verdict }) => verdict === 'passed'))
    return { question, answer: 'not told', because: ofLayer[0]?.found ?? 'an earlier step failed' }
  const passed = ofLayer.filter(({ verdict }) => verdict === 'passed').length
  const untold = ofLayer.filter(({ verdict }) => verdict === 'unknown').length
  return { question, answer: 'yes', because: untold ? `${passed} tried, ${untold} cannot be tried` : `${passed} tried` }
}
