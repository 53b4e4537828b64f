/**
 * Which projects are to be reconciled now. Pure.
 */
import { createHash } from 'node:crypto'
import type { UsableConnection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import type { ReconcileState } from './reconcile-state.ts'

const week = 7 * 86_400_000
const spread = 86_400_000

/** Why a project's turn has come; `undefined` if it has not. The first are the most urgent. */
export const dueReasons = ['behind', 'unfinished', 'newly connected', 'other rules', 'a week'] as const
export type DueReason = (typeof dueReasons)[number]

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
  // Some hours sooner for each project, so that a week's work does not come at once.
  const sooner = Number.parseInt(digest(project.id).slice(0, 8), 16) % spread
  return now.getTime() >= Date.parse(finished.at) + week - sooner ? 'a week' : undefined
}

/** The rules in a few characters: evidence is judged anew when they change, and no record of the stream tells of that. */
export const rulesDigestOf = ({ rules }: Project): string => digest(JSON.stringify(rules)).slice(0, 16)

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
