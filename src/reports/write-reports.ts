/**
 * Writes the daily reports: one page and one JSON object for each project that has activity, of the 30 days up to yesterday.
 *
 * Idempotent: the name of an object follows from project and day, and a repeated run replaces it by the same report.
 */
import { type Day, dayOf, daysBetween } from '../activity/bucket.ts'
import { concurrently } from '../concurrently.ts'
import type { Project } from '../projects/project.ts'
import { dayMs } from '../time.ts'
import { reportHtml } from './html.ts'
import type { Report } from './report.ts'

export type PutReport = (key: string, body: string, contentType: string) => Promise<void>

type Deps = {
  readonly projects: () => AsyncIterable<string>
  readonly find: (id: string) => Promise<Project | undefined>
  readonly gather: (project: Project, days: readonly Day[]) => Promise<Report>
  readonly put: PutReport
  readonly now: () => Date
  readonly hasTimeLeft: () => boolean
  readonly onFailure: (project: string, error: unknown) => void
}

/** `left`: there was no time for them. */
export type ReportRun = { written: number; withoutActivity: number; failed: number; left: number }

const reportedDays = 30
const projectsAtOnce = 4

const reportKeyOf = (project: string, day: Day, kind: 'html' | 'json'): string => `reports/${project}/${day}.${kind}`

/** The report of a project that fails does not affect the others. */
export async function writeReports(deps: Deps): Promise<ReportRun> {
  const { projects, find, gather, put, now, hasTimeLeft, onFailure } = deps
  const run: ReportRun = { written: 0, withoutActivity: 0, failed: 0, left: 0 }
  const last = dayOf(new Date(now().getTime() - dayMs))
  const days = daysBetween(dayOf(new Date(Date.parse(last) - (reportedDays - 1) * dayMs)), last)
  await concurrently(projects(), projectsAtOnce, async (id) => {
    if (!hasTimeLeft()) return void run.left++
    try {
      const project = await find(id)
      if (!project || (project.activity ?? 'off') === 'off') return void run.withoutActivity++
      const report = await gather(project, days)
      await put(reportKeyOf(id, last, 'json'), JSON.stringify(report), 'application/json')
      await put(reportKeyOf(id, last, 'html'), reportHtml(report), 'text/html; charset=utf-8')
      run.written++
    } catch (error) {
      run.failed++
      onFailure(id, error)
    }
  })
  return run
}

/** S3 did not accept a report. */
export class ReportNotStoredError extends Error {
  override readonly name = 'ReportNotStoredError'
  readonly retryable: boolean
  readonly status: number

  constructor(status: number) {
    super(
      `S3 answered ${status} when a report was stored: check that the role has s3:PutObject on the bucket of reports`,
    )
    this.status = status
    this.retryable = status >= 500
  }
}
