/** Drift: a difference between the configuration and what we set up, in words for people, and how to repair it. */

export type DriftKind =
  | 'not allowed'
  | 'policy changed'
  | 'our topic missing'
  | 'unused path'
  | 'topic missing'
  | 'topic policy changed'
  | 'subscription missing'
  | 'configuration set missing'
  | 'suppression options changed'
  | 'suppression scope changed'
  | 'encrypted with a key'
  | 'destination missing'
  | 'destination disabled'
  | 'topic removed'
  | 'other topic'
  | 'other event types'
  | 'destination not wanted'
  | 'activity not delivered'

export type Drift = {
  readonly kind: DriftKind
  /** One sentence. */
  readonly text: string
  /** Idempotent. Resolves to what it did, in words. Absent if only a deployment repairs the drift. */
  readonly repair?: () => Promise<string>
}

/** Drift as people see it. */
export type DriftReport = Pick<Drift, 'kind' | 'text'> & {
  /** Whether `sesame configure` repairs it. */
  readonly repairable: boolean
}

export const driftReportOf = ({ kind, text, repair }: Drift): DriftReport => ({
  kind,
  text,
  repairable: repair !== undefined,
})
