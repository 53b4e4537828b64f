import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { feedOf, judgeFeed, type Silence } from '../../src/feeds/judge-feed.ts'

const now = new Date('2026-03-04T12:30:00Z')
const hourMs = 3_600_000
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * hourMs)
const volume = (sent: number) => ({ sent, notSent: 0, bounces: 0, complaints: 0 })
const dayWith = (day: string, ...hours: [hour: number, sent: number][]) => ({
  day,
  hours: new Map(hours.map(([hour, sent]) => [hour, volume(sent)])),
})
const silence = (more: Partial<Silence> = {}): Silence => ({
  since: hoursAgo(5),
  accepted: 100,
  countedUntil: hoursAgo(5),
  cause: 'x',
  reportedAt: hoursAgo(1),
  ...more,
})

describe('feedOf', () => {
  test('feedOf ends with the last hour in which mail was sent, and counts that of the last 24 hours', () => {
    const days = [
      dayWith('2026-03-02', [3, 5]),
      dayWith('2026-03-03', [10, 7], [12, 11]),
      dayWith('2026-03-04', [6, 13], [9, 0]),
    ]
    expect(feedOf(days, now)).toEqual({ lastSentAt: new Date('2026-03-04T07:00:00Z'), sentIn24Hours: 24 })
    expect(feedOf([dayWith('2026-03-04')], now)).toEqual({ sentIn24Hours: 0 })
    // The hour that is not over ends now.
    expect(feedOf([dayWith('2026-03-04', [12, 1])], now).lastSentAt).toEqual(now)
  })
})

describe('judgeFeed', () => {
  const feed = { lastSentAt: hoursAgo(5), sentIn24Hours: 40 }

  test.each([
    ['never worked', { sentIn24Hours: 0 }, undefined, 1_000],
    ['flows', { lastSentAt: hoursAgo(2), sentIn24Hours: 40 }, undefined, 1_000],
    ['quiet', feed, undefined, 19],
    ['silent', feed, undefined, 20],
    ['flows', { lastSentAt: hoursAgo(4), sentIn24Hours: 1 }, silence(), 1_000],
    // Nothing is sent any more: that does not repair a feed.
    ['silent', feed, silence(), 0],
    ['silent', { sentIn24Hours: 0 }, silence({ since: hoursAgo(24 * 40) }), 0],
  ] as const)('a feed is "%s" for %j, the stored silence and the missing mail', (state, given, before, missing) => {
    expect(judgeFeed(given, before, missing, now).state).toBe(state)
  })

  test('a silence begins with the end of the last hour with events, and keeps its start', () => {
    expect(judgeFeed(feed, undefined, 70, now)).toEqual({
      state: 'silent',
      since: feed.lastSentAt,
      accepted: 70,
      countedUntil: feed.lastSentAt,
    })
    expect(judgeFeed({ sentIn24Hours: 0 }, silence(), 70, now)).toMatchObject({ since: hoursAgo(5), accepted: 100 })
  })

  test('over any number of days, the mail that is counted in a silence never exceeds what was sent, and misses two days at most', () => {
    const perHour = fc.array(fc.nat(50), { minLength: 6, maxLength: 200 })
    fc.assert(
      fc.property(perHour, (sent) => {
        const start = new Date('2026-03-01T00:00:00Z')
        const at = (hour: number) => new Date(start.getTime() + hour * hourMs)
        let before: Silence | undefined
        for (let hour = 5; hour <= sent.length; hour++) {
          const last24 = sent.slice(Math.max(0, hour - 24), hour).reduce((sum, one) => sum + one, 0)
          const verdict = judgeFeed({ lastSentAt: start, sentIn24Hours: 0 }, before, last24, at(hour))
          if (verdict.state === 'silent') before = { ...verdict, cause: '', reportedAt: at(hour) }
          if (!before) continue
          const total = sent.slice(0, hour).reduce((sum, one) => sum + one, 0)
          expect(before.accepted).toBeLessThanOrEqual(total)
          const older = sent.slice(0, Math.max(0, hour - 48)).reduce((sum, one) => sum + one, 0)
          expect(before.accepted).toBeGreaterThanOrEqual(older)
        }
      }),
    )
  })
})
