/** Something that is not as it should be: what, in words for people, and what would mend it. */

export type DriftKind =
  | 'not admitted'
  | 'policy changed'
  | 'our topic gone'
  | 'left over'
  | 'topic gone'
  | 'topic policy changed'
  | 'subscription gone'
  | 'configuration set gone'
  | 'suppression options changed'
  | 'destination gone'
  | 'destination disabled'
  | 'topic dropped'
  | 'other topic'
  | 'other event types'

export type DriftReport = {
  readonly kind: DriftKind
  readonly text: string
  /** Whether `mend` can. */
  readonly mendable: boolean
}

export type Drift = {
  readonly kind: DriftKind
  readonly text: string
  /** May run twice. Answers what it did. */
  readonly mend?: () => Promise<string>
}

export const driftReportOf = ({ kind, text, mend }: Drift): DriftReport => ({
  kind,
  text,
  mendable: mend !== undefined,
})
