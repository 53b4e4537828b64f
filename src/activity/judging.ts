/** Where the rates of a project stand, and from how many recipients on: its own settings, or the defaults. Pure. */
import { minimumRecipients as defaultMinimum } from './rates.ts'
import { type Lines, lines } from './windows.ts'

type OwnLine = { readonly warn: number; readonly hold: number }

/** The setting `holdRules` of a project. What it leaves out has its default. */
type HoldRules = {
  readonly bounces?: OwnLine | undefined
  readonly complaints?: OwnLine | undefined
  readonly minimumRecipients?: number | undefined
}

export type Judging = { readonly lines: Lines; readonly minimumRecipients: number }

export const judgingOf = ({
  holdRules: { bounces, complaints, minimumRecipients = defaultMinimum } = {},
}: {
  readonly holdRules?: HoldRules | undefined
}): Judging => ({
  lines: {
    bounces: bounces ? { warning: bounces.warn, critical: bounces.hold } : lines.bounces,
    complaints: complaints ? { warning: complaints.warn, critical: complaints.hold } : lines.complaints,
  },
  minimumRecipients,
})
