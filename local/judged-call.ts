/** A diagnostics channel on which the gate publishes each decision with its request and policies. Without a subscriber it costs nothing. */
import { channel } from 'node:diagnostics_channel'
import type { AccessRequest, Decision, Policies } from '../src/policy/evaluate.ts'

export type JudgedCall = {
  request: AccessRequest
  policies: Policies
  decision: Decision
  /** Duration of the evaluation. */
  milliseconds: number
  /** Number of the gate that judged the call, in the order of their creation. A simulation has none. */
  gate?: number
  /** The expected verdict of a simulation. Undefined for a call that code made. */
  wanted?: Decision['verdict']
}

export const judgedCalls = channel('sesame:judged-call')

let gates = 0

/** A number that is higher than that of every gate so far. */
export const nextGateNumber = (): number => ++gates
