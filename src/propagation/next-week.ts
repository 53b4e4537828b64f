/** When a project is due for its weekly reconcile. Pure. */
import { createHash } from 'node:crypto'
import { dayMs } from '../time.ts'

const weekMs = 7 * dayMs
const spreadMs = dayMs

/**
 * The time at which a project is due again. It is up to a day early, by its id, so that the projects are not all due at once.
 * @param finished the last finished run; `at` is the time of its start
 */
export function nextWeekAt(project: string, finished: { readonly at: string }): Date {
  const digest = createHash('sha256').update(project).digest('hex')
  return new Date(Date.parse(finished.at) + weekMs - (Number.parseInt(digest.slice(0, 8), 16) % spreadMs))
}
