/**
 * Whether the events of a project still arrive, from what was counted and what its account sent. Pure.
 *
 * A quiet feed is no fault: nothing may have been sent. It is silent if SES has accepted mail meanwhile of which no event arrived. A project whose
 * feed never worked is left out, because the doctor reports what is missing.
 */
import type { Hours } from '../activity/day-counts.ts'
import { dayMs } from '../time.ts'

const hourMs = 3_600_000
/** SES publishes a Send event within seconds. Hours without one are looked at. */
const quietMs = 3 * hourMs
/** Recipients, at least. A few tests from the console of SES have no configuration set. */
const fewest = 20

/** What was counted of a project's mail. */
export type Feed = {
  /** End of the last hour in which mail was sent of which events arrived; absent if there is none in the days that were read. */
  readonly lastSentAt?: Date
  /** Recipients of the last 24 hours. */
  readonly sentIn24Hours: number
}

/** What is stored of a silence. */
export type Silence = {
  readonly since: Date
  /** Recipients to whom SES has sent meanwhile, at least. */
  readonly accepted: number
  /** Whole days that are in `accepted` end here. */
  readonly countedUntil: Date
  readonly cause: string
  /** When it was last published. */
  readonly reportedAt: Date
}

export function feedOf(days: readonly { readonly day: string; readonly hours: Hours }[], now: Date): Feed {
  const hours = days.flatMap(({ day, hours: ofDay }) =>
    [...ofDay].flatMap(([hour, { sent }]) =>
      sent > 0 ? [{ at: Date.parse(`${day}T00:00:00Z`) + hour * hourMs, sent }] : [],
    ),
  )
  const from = now.getTime() - dayMs - hourMs
  const sentIn24Hours = hours.reduce((sum, { at, sent }) => (at > from ? sum + sent : sum), 0)
  const last = Math.max(...hours.map(({ at }) => at))
  return { sentIn24Hours, ...(hours.length > 0 && { lastSentAt: new Date(Math.min(last + hourMs, now.getTime())) }) }
}

/** Whether events of mail of the last hours arrived, so that nothing needs to be asked. */
export const isFlowing = ({ lastSentAt }: Feed, now: Date): boolean =>
  lastSentAt !== undefined && now.getTime() - lastSentAt.getTime() < quietMs

export type FeedVerdict =
  | { readonly state: 'never worked' }
  | { readonly state: 'flows' }
  | { readonly state: 'quiet' }
  | { readonly state: 'silent'; readonly since: Date; readonly accepted: number; readonly countedUntil: Date }

/**
 * @param before the silence that is stored
 * @param missing recipients to whom the account sent in the last 24 hours, without those whose events arrived, of all its projects
 */
export function judgeFeed(feed: Feed, before: Silence | undefined, missing: number, now: Date): FeedVerdict {
  if (isFlowing(feed, now) || (before && feed.lastSentAt && feed.lastSentAt > before.since)) return { state: 'flows' }
  const since = before?.since ?? feed.lastSentAt
  if (since === undefined) return { state: 'never worked' }
  if (!before)
    return missing < fewest ? { state: 'quiet' } : { state: 'silent', since, accepted: missing, countedUntil: since }
  const { countedUntil } = before
  // SES answers for the last 24 hours. So a day is added when it is over, and before that the greatest answer counts.
  const isDayOver = now.getTime() - countedUntil.getTime() >= dayMs
  const isFirstDay = countedUntil.getTime() === since.getTime()
  if (isDayOver) {
    const accepted = isFirstDay ? Math.max(before.accepted, missing) : before.accepted + missing
    return { state: 'silent', since, accepted, countedUntil: now }
  }
  return {
    state: 'silent',
    since,
    accepted: isFirstDay ? Math.max(before.accepted, missing) : before.accepted,
    countedUntil,
  }
}
