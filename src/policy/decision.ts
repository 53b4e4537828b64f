/**
 * What an evaluation found: the verdict, the layer that decided it, and every statement that was looked at with what failed.
 */
import type { AccessRequest } from './request.ts'

export type PolicyLayer = 'identity' | 'resource' | 'trust' | 'session' | 'boundary'

/** The first element of a statement that does not fit the request. */
export type Mismatch =
  | { element: 'action' | 'resource'; wanted: readonly string[]; not: boolean }
  | { element: 'principal'; wanted: readonly string[]; not: boolean }
  | {
      element: 'condition'
      operator: string
      key: string
      wanted: readonly string[]
      /** What the request carried; undefined when it carried nothing. */
      seen: readonly string[] | undefined
    }

export type DecisionReason = {
  layer: PolicyLayer
  policy: string
  /** The Sid, or `statement 2` where there is none. */
  statement: string
  effect: 'Allow' | 'Deny'
  /** Whether the statement took effect. */
  matched: boolean
  mismatch?: Mismatch
  /** What could not be judged and therefore was judged closed: an unknown operator or condition key, for example. */
  closed?: string
}

export type Decision = {
  verdict: 'allowed' | 'denied'
  decidedBy: PolicyLayer
  reasons: readonly DecisionReason[]
  request: Pick<AccessRequest, 'action' | 'resource'>
  /** Names of the policies that stand in the deciding layer. */
  policies: readonly string[]
}
