/**
 * Checks the feeds of all connected projects: whether events still arrive of the mail that their accounts send.
 *
 * Projects of one account are looked at together, because SES counts the mail of an account as a whole. Where one of them publishes no Send events,
 * nothing can be concluded from that count, and the account is left out.
 */

import { type Day, dayOf, daysBetween } from '../activity/bucket.ts'
import type { StoredCounts } from '../activity/stored-counts.ts'
import { concurrently } from '../concurrently.ts'
import type { Publish } from '../events/bus.ts'
import { feedFlowsEventOf, feedSilentEventOf } from '../events/feed-events.ts'
import type { UsableConnection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import type { Proof } from '../projects/proofs.ts'
import { dayMs } from '../time.ts'
import { causeNotKnown, causeOf } from './cause.ts'
import { type Feed, feedOf, isFlowing, judgeFeed, type Silence } from './judge-feed.ts'
import type { SilenceRecorder } from './record-silence.ts'

/** A project with its connection. */
export type Watched = { readonly project: Project; readonly connection: UsableConnection }

type Deps = {
  readonly counts: Pick<StoredCounts, 'daysOf'>
  readonly findSilence: (project: string) => Promise<Silence | undefined>
  readonly record: SilenceRecorder
  readonly lastProofOf: (project: string) => Promise<Proof | undefined>
  /** Recipients to whom the account sent in the last 24 hours. */
  readonly sentLast24Hours: (connection: UsableConnection) => Promise<number>
  readonly publish: Publish
  readonly now: () => Date
  readonly hasTimeLeft: () => boolean
  readonly onFailure: (project: string, error: unknown) => void
}

export type FeedRun = {
  flows: number
  quiet: number
  silent: number
  /** Of accounts that also send mail without Send events, and projects of which no event ever arrived. */
  notWatched: number
  failed: number
  /** There was no time for them. The next run begins with others. */
  left: number
}

const accountsAtOnce = 16
/** How far back the last mail is looked for. */
const daysBack = 30
const repeatedAfterMs = dayMs

export async function checkFeeds(deps: Deps, watched: readonly Watched[]): Promise<FeedRun> {
  const run: FeedRun = { flows: 0, quiet: 0, silent: 0, notWatched: 0, failed: 0, left: 0 }
  const accounts = [...Map.groupBy(watched, ({ connection: { account, region } }) => `${account} ${region}`).values()]
  await concurrently(inTurn(accounts, deps.now()), accountsAtOnce, async (projects) => {
    if (!deps.hasTimeLeft()) run.left += projects.length
    else if (!projects.every(({ project }) => publishesSends(project))) run.notWatched += projects.length
    else await checkAccount(deps, projects, run)
  })
  return run
}

const publishesSends = ({ activity = 'off' }: Project) => activity !== 'off'

/** Each hour begins at another account, so that none is always left. */
function inTurn<T>(all: readonly T[], now: Date): T[] {
  const first = all.length === 0 ? 0 : Math.floor((now.getTime() / 3_600_000) * 7919) % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}

async function checkAccount(deps: Deps, projects: readonly Watched[], run: FeedRun): Promise<void> {
  const now = deps.now()
  const [first] = projects
  if (!first) return
  try {
    const feeds = new Map<string, Feed>()
    for (const { project } of projects)
      feeds.set(project.id, feedOf(await deps.counts.daysOf(project.id, lastDays(now)), now))
    // Most accounts need no call: of each project, events arrived in the last hours.
    const isAsked = [...feeds.values()].some((feed) => !isFlowing(feed, now))
    const counted = [...feeds.values()].reduce((sum, { sentIn24Hours }) => sum + sentIn24Hours, 0)
    const missing = isAsked ? Math.max(0, (await deps.sentLast24Hours(first.connection)) - counted) : 0
    for (const { project, connection } of projects) {
      const feed = feeds.get(project.id)
      if (feed) run[await settle(deps, connection, feed, missing, now)]++
    }
  } catch (error) {
    run.failed += projects.length
    deps.onFailure(first.project.id, error)
  }
}

const lastDays = (now: Date): Day[] => daysBetween(dayOf(new Date(now.getTime() - daysBack * dayMs)), dayOf(now))

/** Publishes and stores what follows for one project. First the event: a crash in between repeats it. */
async function settle(
  { findSilence, record, lastProofOf, publish }: Deps,
  { project, account, region }: UsableConnection,
  feed: Feed,
  missing: number,
  now: Date,
): Promise<'flows' | 'quiet' | 'silent' | 'notWatched'> {
  const before = await findSilence(project)
  const verdict = judgeFeed(feed, before, missing, now)
  if (verdict.state === 'never worked') return 'notWatched'
  if (verdict.state === 'quiet') return 'quiet'
  if (verdict.state === 'flows') {
    if (!before) return 'flows'
    await publish([feedFlowsEventOf({ project, account, region, since: before.since, at: now })])
    await record.end(project)
    return 'flows'
  }
  const { since, accepted, countedUntil } = verdict
  const cause = causeOf(project, await lastProofOf(project), since)
  if (cause === causeNotKnown) await record.requestProof(project, now)
  const isNews = !before || before.cause !== cause || now.getTime() - before.reportedAt.getTime() >= repeatedAfterMs
  if (isNews) await publish([feedSilentEventOf({ project, account, region, since, accepted, cause, at: now })])
  const reportedAt = isNews ? now : before.reportedAt
  await record.keep(project, { since, accepted, countedUntil, cause, reportedAt })
  return 'silent'
}
