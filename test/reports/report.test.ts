import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Day, daysBetween } from '../../src/activity/bucket.ts'
import { addTo, type Counts, type Kind, volumeOfCounts } from '../../src/activity/counts.ts'
import { judgingOf } from '../../src/activity/judging.ts'
import type { StoredDay } from '../../src/activity/stored-counts.ts'
import { neverHeld } from '../../src/projects/hold.ts'
import { healthOf } from '../../src/reports/health.ts'
import { reportHtml } from '../../src/reports/html.ts'
import { listGrowthOf } from '../../src/reports/list-growth.ts'
import { reportOf, trendOf } from '../../src/reports/report.ts'
import { remarksOf, trendText, verdictText } from '../../src/reports/words.ts'
import { defaultRules } from '../../src/suppression/rules.ts'

const now = new Date('2026-03-30T12:00:00Z')
const days = daysBetween('2026-03-01', '2026-03-30')
const sendKind: Kind = { type: 'Send' }

function countsOf(...kinds: readonly (readonly [kind: Kind, count: number])[]): Counts {
  const counts: Counts = new Map()
  for (const [kind, count] of kinds) addTo(counts, kind, count)
  return counts
}
const storedDay = (day: Day, counts: Counts, isExact = true): StoredDay => ({
  day,
  counts,
  hours: new Map([[10, volumeOfCounts(counts)]]),
  sets: new Map(),
  isExact,
})
const bounces = (count: number, sent = 1_000, detail = 'Permanent NoEmail') =>
  countsOf([sendKind, sent], [{ type: 'Delivery' }, sent - count], [{ type: 'Bounce', detail }, count])
const list = {
  total: 120,
  isPart: false,
  byReason: { 'hard bounce': 120 },
  days: days.map((day, i) => ({ day, added: 2, total: 60 + 2 * (i + 1) })),
}
type Facts = Parameters<typeof reportOf>[0]
const facts = (changes: Partial<Facts> = {}): Facts => ({
  project: 'acme',
  stored: daysBetween('2026-01-30', '2026-03-30').map((day) => storedDay(day, bounces(day < '2026-03-01' ? 20 : 10))),
  days,
  domains: new Map([['slow.example', { sent: 9, notSent: 0, bounces: 4, complaints: 1 }]]),
  hold: neverHeld,
  health: healthOf({ connection: undefined, proof: undefined, silence: undefined }),
  list,
  judging: judgingOf({}),
  now,
  ...changes,
})

describe('reportOf', () => {
  test('a report has the volume of its period and of as many days before, and the trend of each rate', () => {
    const report = reportOf(facts())
    expect(report.volume).toMatchObject({ sent: 30_000, delivered: 29_700, hardBounces: 300, softBounces: 0 })
    expect(report.volumeBefore).toMatchObject({ sent: 30_000, hardBounces: 600 })
    expect(report.rates.bounces).toEqual({ events: 300, recipients: 30_000, rate: 0.01 })
    expect(trendOf(report, 'bounces')).toBe('better')
    expect(trendText(report, 'bounces')).toBe('better than 2.00 % in the 30 days before')
    expect(trendOf(reportOf(facts({ stored: facts().stored.slice(30) })), 'bounces')).toBeUndefined()
  })

  test('the volume of a report is that of its days, whatever the counts', () => {
    const anyCounts = fc.array(fc.tuple(fc.nat(500), fc.nat(50)), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(anyCounts, (perDay) => {
        const stored = daysBetween('2026-01-30', '2026-03-30').map((day, i) =>
          storedDay(day, bounces(perDay[i]?.[1] ?? 0, perDay[i]?.[0] ?? 0)),
        )
        const report = reportOf(facts({ stored }))
        const sum = (of: 'sent' | 'hardBounces') => report.days.reduce((total, day) => total + day[of], 0)
        expect(report.volume.sent).toBe(sum('sent'))
        expect(report.volume.hardBounces).toBe(sum('hardBounces'))
        expect(report.rates.bounces.events).toBe(sum('hardBounces'))
      }),
    )
  })

  test('a day has a rate of its own and of its week, each only above the minimum', () => {
    const { days: found } = reportOf(
      facts({ stored: daysBetween('2026-02-20', '2026-03-30').map((day) => storedDay(day, bounces(2, 200))) }),
    )
    expect(found[0]).not.toHaveProperty('bounceRate')
    expect(found[0]?.bounceTrend).toBeCloseTo(0.01)
  })

  test('sub-types are explained in plain words with advice, and what SES did not send is in no rate', () => {
    const counts = countsOf(
      [sendKind, 10],
      [{ type: 'Bounce', detail: 'Permanent NoEmail' }, 3],
      [{ type: 'Bounce', detail: 'Permanent OnAccountSuppressionList', apart: 'SES sent nothing' }, 5],
    )
    const report = reportOf(facts({ stored: [storedDay('2026-03-30', counts)] }))
    expect(report.causes.map(({ title, count }) => [title, count])).toEqual([
      ['No such mailbox', 3],
      ['On the account list', 5],
    ])
    expect(report.causes[0]?.advice).toContain('Confirm new addresses')
    expect(report.volume).toMatchObject({ notSent: 5, hardBounces: 3 })
  })

  test('a report judges by the lines and the minimum of the project', () => {
    const strict = judgingOf({ holdRules: { bounces: { warn: 0.005, hold: 0.009 }, minimumRecipients: 100_000 } })
    expect(reportOf(facts()).standing).toBe('good')
    expect(reportOf(facts({ judging: { ...strict, minimumRecipients: 1_000 } })).standing).toBe('critical')
    const report = reportOf(facts({ judging: strict }))
    expect(report.rates.bounces).not.toHaveProperty('rate')
    expect(verdictText(report)).toContain('below 100,000 in every window')
  })

  test('a report has what AWS says about the account beside our rates', () => {
    const account = {
      account: '111122223333',
      enforcement: 'PROBATION',
      maySend: true,
      sentLast24Hours: 40,
      max24HourSend: 50_000,
      reputation: { bounceRate: 0.051 },
    }
    const page = reportHtml(reportOf(facts({ account })))
    expect(page).toContain('Account 111122223333 is PROBATION: SES reviews it, and pauses it if the rates do not fall.')
    expect(page).toContain('5.10 % bounces and none yet complaints')
    expect(reportHtml(reportOf(facts()))).not.toContain('What does AWS say?')
  })

  test('a held project says so first, with the reason', () => {
    const hold = { holds: [{ cause: 'rates' as const, since: now, why: 'Bounce rate 4.60 % of 12,480 recipients.' }] }
    expect(verdictText(reportOf(facts({ hold })))).toBe(
      'No mail is sent: held since 2026-03-30 12:00 UTC. Bounce rate 4.60 % of 12,480 recipients.',
    )
    expect(verdictText(reportOf(facts()))).toContain('well below the limits')
  })

  test('a report says which of its numbers still change', () => {
    const stored = facts().stored.map((day) => ({ ...day, isExact: day.day !== '2026-03-30' }))
    expect(remarksOf(reportOf(facts({ stored })))[0]).toBe(
      'The numbers of 1 day still change: they are counted exactly once an hour.',
    )
    expect(remarksOf(reportOf(facts())).join(' ')).not.toContain('still change')
  })
})

describe('listGrowthOf', () => {
  const record = (at: string) => ({ evidence: [], manual: { at: new Date(at), by: 'ann', why: 'x' } })
  async function* records(...times: string[]) {
    for (const [i, at] of times.entries()) yield [`a${i}@example.com`, record(at)] as const
    yield ['clear@example.com', { evidence: [] }] as const
  }

  test('the list of a day holds what was suppressed until its end', async () => {
    const growth = await listGrowthOf(
      records('2026-02-01T00:00:00Z', '2026-03-02T23:59:59Z', '2026-03-03T00:00:00Z'),
      defaultRules,
      ['2026-03-02', '2026-03-03'],
      10,
      now,
    )
    expect(growth).toEqual({
      total: 3,
      isPart: false,
      byReason: { manual: 3 },
      days: [
        { day: '2026-03-02', added: 1, total: 2 },
        { day: '2026-03-03', added: 1, total: 3 },
      ],
    })
  })

  test('a list that is longer than what is read says so', async () => {
    const growth = await listGrowthOf(
      records('2026-02-01T00:00:00Z', '2026-02-01T00:00:00Z'),
      defaultRules,
      days,
      2,
      now,
    )
    expect(growth).toMatchObject({ total: 2, isPart: true })
    expect(remarksOf({ days: [], list: growth })[0]).toContain('longer than what was read')
  })
})

describe('the HTML of a report', () => {
  const html = reportHtml(reportOf(facts()))

  test('the page needs nothing from outside: no script, no link, no image, no request', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(html).not.toMatch(/<script|<link|<img|<iframe|url\(|@import|https?:/)
    expect(html).toContain("default-src 'none'")
  })

  test('the page has both rates as charts with their limits, the numbers as tables, and rules for printing', () => {
    expect(html.match(/<figure class="chart">/g)).toHaveLength(3)
    expect(html).toContain('AWS reviews at 5 %')
    expect(html).toContain('AWS reviews at 0.1 %')
    expect(html).toContain('held at 4 %')
    expect(html).toContain('<th scope="row">slow.example</th>')
    expect(html).toMatch(/@media print/)
  })

  test('the page names the rate in which each failure counts: soft bounces, delays and what SES did not send are in none', () => {
    const counts = countsOf(
      [{ type: 'Bounce', detail: 'Permanent NoEmail' }, 1],
      [{ type: 'Bounce', detail: 'Transient MailboxFull' }, 2],
      [{ type: 'Bounce', detail: 'Permanent OnAccountSuppressionList', apart: 'SES sent nothing' }, 3],
      [{ type: 'Complaint', detail: 'abuse' }, 4],
      [{ type: 'DeliveryDelay', detail: 'SpamDetected' }, 5],
    )
    const page = reportHtml(reportOf(facts({ stored: [storedDay('2026-03-30', counts)] })))
    const rateOf = (title: string) =>
      new RegExp(`<th scope="row">${title}</th>.*?<td>([^<]*)</td></tr>`).exec(page)?.[1]
    expect(rateOf('No such mailbox')).toBe('bounce rate')
    expect(rateOf('Mailbox full')).toBe('none')
    expect(rateOf('On the account list')).toBe('none: SES sent nothing')
    expect(rateOf('Reported as spam')).toBe('complaint rate')
    expect(rateOf('Delayed: taken for spam')).toBe('none')
  })

  test('text from outside cannot leave its place in the page', () => {
    const hostile = '</td><script>alert(1)</script>'
    const page = reportHtml(
      reportOf(
        facts({
          project: hostile,
          domains: new Map([[hostile, { sent: 1, notSent: 0, bounces: 1, complaints: 0 }]]),
          health: [{ of: 'proof', state: 'critical', text: hostile }],
          hold: { holds: [{ cause: 'operator', since: now, why: hostile }] },
        }),
      ),
    )
    expect(page).not.toContain('<script')
    expect(page.split('&lt;script>').length + page.split('&lt;script&gt;').length).toBeGreaterThan(4)
  })

  test('a project without any mail has a page without an invalid number', () => {
    const page = reportHtml(reportOf(facts({ stored: [], list: { ...list, days: [] }, domains: new Map() })))
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
    expect(page).toContain('Too few recipients')
  })
})

describe('healthOf', () => {
  const connection = {
    account: '111122223333',
    state: 'proven',
  } as const

  test('the health names a quarantine, a failed proof, a silent feed and an unexpected use of the role, and no external id', () => {
    const health = healthOf({
      connection: { ...connection, state: 'quarantined', quarantine: { since: now, why: 'trust: refused' } },
      proof: { at: now, why: 'trust: refused' },
      silence: { since: now, accepted: 40, countedUntil: now, cause: 'drift', reportedAt: now },
      uses: [{ role: 'x', at: now, by: 'person ann', verdict: 'unexpected', refused: 'AccessDenied' }],
    })
    expect(health.map(({ of, state }) => `${of} ${state}`)).toEqual([
      'connection critical',
      'proof critical',
      'feed critical',
      'role critical',
    ])
    expect(JSON.stringify(health)).not.toContain('secret-id')
    expect(
      healthOf({ connection, proof: { at: now }, silence: undefined, uses: [] }).every(({ state }) => state === 'good'),
    ).toBe(true)
  })
})
