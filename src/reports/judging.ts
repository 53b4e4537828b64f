/** Where the rates of a project stand, and from how many recipients on: its own settings, or the defaults. Pure. */
import { minimumRecipients as defaultMinimum } from '../activity/rates.ts'
import { type Lines, lines } from '../activity/windows.ts'
import type { Project } from '../projects/project.ts'

export type Judging = { readonly lines: Lines; readonly minimumRecipients: number }

/** As the function judge-rates reads the settings of a project. */
export const judgingOf = ({
  holdRules: { bounces, complaints, minimumRecipients = defaultMinimum } = {},
}: Pick<Project, 'holdRules'>): Judging => ({
  lines: {
    bounces: bounces ? { warning: bounces.warn, critical: bounces.hold } : lines.bounces,
    complaints: complaints ? { warning: complaints.warn, critical: complaints.hold } : lines.complaints,
  },
  minimumRecipients,
})
