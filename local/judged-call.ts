/**
 * Where the gate tells of each call that it judged, with everything that it judged by. Who does not listen pays nothing.
 */
import { channel } from 'node:diagnostics_channel'
import type { AccessRequest, Decision, Policies } from '../src/policy/evaluate.ts'

export type JudgedCall = {
  request: AccessRequest
  policies: Policies
  decision: Decision
  /** How long the judgement took. */
  milliseconds: number
  /** Of a simulation: what its author says that the verdict must be. A call that code made has none. */
  wanted?: Decision['verdict']
}

export const judgedCalls = channel('sesame:judged-call')
