/**
 * Decides which projects are due for a reconcile. Pure.
 */
import { createHash } from 'node:crypto'
import type { UsableConnection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import { nextWeekAt } from './next-week.ts'
import type { ReconcileState } from './reconcile-state.ts'

/** Reasons to reconcile a project now, most urgent first. These texts are log outcomes; `behind` means out of sync. */
export const dueReasons = ['behind', 'unfinished', 'newly connected', 'other rules', 'a week'] as const
export type DueReason = (typeof dueReasons)[number]

/** The most urgent reason to reconcile the project now; `undefined` if there is none. */
export function dueReasonOf(
  project: Project,
  { revision }: Pick<UsableConnection, 'revision'>,
  { behind, run, finished }: ReconcileState,
  now: Date,
): DueReason | undefined {
  if (behind !== undefined) return 'behind'
  if (run !== undefined) return 'unfinished'
  if (finished === undefined || finished.revision !== revision) return 'newly connected'
  if (finished.rules !== rulesDigestOf(project)) return 'other rules'
  return now >= nextWeekAt(project.id, finished) ? 'a week' : undefined
}

/** A short digest of the rules. New rules change verdicts without a stream record, so a changed digest makes the project due. */
export const rulesDigestOf = ({ rules, tenant }: Project): string =>
  digestOf(JSON.stringify(tenant === undefined ? rules : { rules, tenant })).slice(0, 16)

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
