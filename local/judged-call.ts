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
  /** Number of the gate that judged the call, in the order of their creation. A simulation has none. */
  gate?: number
  /** Of a simulation: what its author says that the verdict must be. A call that code made has none. */
  wanted?: Decision['verdict']
}

export const judgedCalls = channel('sesame:judged-call')

let gates = 0

/** A number that is higher than that of every gate so far. */
export const nextGateNumber = (): number => ++gates
