/**
 * The result of an evaluation: the verdict, the layer that decided, and for each statement whether it matched and why not.
 */
import type { AccessRequest } from './request.ts'

export type PolicyLayer = 'identity' | 'resource' | 'trust' | 'session' | 'boundary'

/** The first element of a statement that does not match the request. `not` is true for NotAction, NotResource and NotPrincipal. */
export type Mismatch =
  | { element: 'action' | 'resource'; expected: readonly string[]; not: boolean }
  | { element: 'principal'; expected: readonly string[]; not: boolean }
  | {
      element: 'condition'
      operator: string
      key: string
      expected: readonly string[]
      /** The values in the request; `undefined` if the key is absent. */
      actual: readonly string[] | undefined
    }

export type DecisionReason = {
  layer: PolicyLayer
  policy: string
  /** The Sid, or `statement 2` if there is none. */
  statement: string
  effect: 'Allow' | 'Deny'
  /** Whether the statement took effect. */
  matched: boolean
  mismatch?: Mismatch
  /** Why a part of the statement failed closed: an unknown operator or condition key, for example. */
  closed?: string
}

export type Decision = {
  verdict: 'allowed' | 'denied'
  decidedBy: PolicyLayer
  reasons: readonly DecisionReason[]
  request: Pick<AccessRequest, 'action' | 'resource'>
  /** Names of the policies of the deciding layer. */
  policies: readonly string[]
}
