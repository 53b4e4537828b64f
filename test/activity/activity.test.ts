import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Activity, activityOf } from '../../src/activity/activity.ts'
import { bucketOfMessage, bucketsOf, dayOf, dayOfMessage, daysBetween, sentAtOf } from '../../src/activity/bucket.ts'
import { type Counts, countInto, noVolume, sumOf } from '../../src/activity/counts.ts'
import { countDomainInto, type Domains, failingOf, limitedDomains } from '../../src/activity/domains.ts'
import { ratesOf } from '../../src/activity/rates.ts'
import { daysOfWindows, lines, standingOf, windowsOf, worstOf, worstRateOf } from '../../src/activity/windows.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { bounce, click, complaint, delivery, messageIdOf, open, send, sentAt } from './mail-event.ts'

function read(record: unknown): Activity[] {
  const event = readEvent(record)
  return event.type === 'NonEvent' ? [] : activityOf(event)
}
const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8')).Records[0]

/** Counts what is stored of the records: one item per key. */
function countsOf(records: readonly object[]): Counts {
  const counts: Counts = new Map()
  const items = new Map(records.flatMap(read).map((activity) => [activity.key, activity]))
  for (const item of items.values()) countInto(counts, item)
  return counts
}
const shown = (records: readonly object[]) =>
  [...countsOf(records).values()].map(({ type, detail, apart, count }) =>
    [type, detail, apart, count].filter((part) => part !== undefined).join(', '),
  )

describe('the activity of an event', () => {
  test.each([
    ['send', 'Send', ['wanda@example.com', 'xaver@example.com'], undefined],
    ['delivery', 'Delivery', ['wanda@example.com'], undefined],
    ['reject', 'Reject', ['wanda@example.com'], undefined],
    ['rendering-failure', 'Rendering Failure', ['wanda@example.com'], undefined],
    ['open', 'Open', [undefined], undefined],
    ['click', 'Click', [undefined], undefined],
    ['subscription', 'Subscription', ['xaver@example.com'], undefined],
    ['bounce-permanent-general', 'Bounce', [expect.any(String)], 'Permanent General'],
    ['complaint-abuse', 'Complaint', [expect.any(String)], 'abuse'],
    ['delivery-delay', 'DeliveryDelay', [expect.any(String)], expect.stringMatching(/^[A-Za-z]+$/)],
  ])('%s is stored once for each recipient that it concerns', (name, type, recipients, detail) => {
    expect(read(sample(name)).map((one) => [one.type, one.recipient, one.detail])).toEqual(
      recipients.map((recipient) => [type, recipient, detail]),
    )
  })

  test('an open of a message to one recipient is the recipient’s, and one of a message to several is nobody’s', () => {
    expect(read(open()).map(({ recipient }) => recipient)).toEqual(['ada@example.com'])
    expect(read(open(undefined, { to: ['ada@example.com', 'bo@example.com'] }))).toMatchObject([
      { recipient: undefined },
    ])
  })

  test('the link of a reader is not kept', () => {
    const stored = JSON.stringify(read(click('https://acme.example/?token=secret')))
    expect(stored).not.toContain('secret')
    expect(stored).toContain('ada@example.com')
  })

  test('two clicks at the same time on different links are two, and a copy of a click is none more', () => {
    const clicks = [click('https://acme.example/1'), click('https://acme.example/2'), click('https://acme.example/1')]
    expect(shown(clicks)).toEqual(['Click, unknown reader, 2'])
  })

  test('a key fits into a sort key of DynamoDB, however long the destination is that the sender wrote', () => {
    const [one] = read(send({ to: ['é'.repeat(5_000)] }))
    expect(Buffer.byteLength(one?.key ?? '')).toBeLessThanOrEqual(1024)
    expect(read(send({ to: ['é'.repeat(5_001)] }))[0]?.key).not.toBe(one?.key)
  })
})

describe('the day of a message', () => {
  test('the day of a message follows from its id alone', () => {
    expect(sentAtOf(messageIdOf(7))).toEqual(sentAt)
    expect(dayOfMessage(messageIdOf(7), sentAt)).toBe('2026-03-01')
    const beforeMidnight = new Date('2026-03-01T23:59:59.999Z')
    expect(dayOfMessage(messageIdOf(7, beforeMidnight), new Date('2026-03-02T00:00:01Z'))).toBe('2026-03-01')
  })

  test('an id that says nothing, or something far from the time of the mail, leaves the day to that time', () => {
    expect(sentAtOf('EXAMPLE7c191be45')).toBeUndefined()
    expect(dayOfMessage('EXAMPLE7c191be45', sentAt)).toBe('2026-03-01')
    expect(dayOfMessage(messageIdOf(1, new Date('2024-01-01T00:00:00Z')), sentAt)).toBe('2026-03-01')
  })

  test('a message is in one of the partitions of its day, and the messages are spread over all', () => {
    const used = new Set(
      Array.from({ length: 200 }, (_, nth) => bucketOfMessage('acme', '2026-03-01', messageIdOf(nth))),
    )
    expect([...used].sort()).toEqual(bucketsOf('acme', '2026-03-01'))
  })

  test('a period contains its first and its last day, also over the end of February', () => {
    expect(daysBetween('2028-02-28', '2028-03-01')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01'])
    expect(daysBetween('2026-03-01', '2026-03-01')).toEqual(['2026-03-01'])
  })
})

describe('counts', () => {
  test('readers are counted as machines, people and unknown', () => {
    const opens = [open('Likely'), open('Unlikely', { nth: 2 }), open(undefined, { nth: 3 }), open('maybe', { nth: 4 })]
    expect(shown(opens)).toEqual(['Open, machine, 1', 'Open, person, 1', 'Open, unknown reader, 2'])
  })

  test('a complaint that names several recipients is one complaint', () => {
    expect(shown([complaint({ to: ['ada@example.com', 'bo@example.com'] }), complaint({ nth: 2 })])).toEqual([
      'Complaint, abuse, 2',
    ])
  })

  test('what SES did not send, and mail to its simulator, is counted apart', () => {
    expect(
      shown([
        bounce('Permanent', 'OnAccountSuppressionList'),
        bounce('Permanent', 'EmailValidationSuppressed', { nth: 2 }),
        bounce('Permanent', 'Suppressed', { nth: 3 }),
        bounce('Permanent', 'General', { nth: 4, to: ['bounce@simulator.amazonses.com'] }),
        bounce('Permanent', 'General', { nth: 5 }),
      ]),
    ).toEqual([
      'Bounce, Permanent OnAccountSuppressionList, SES sent nothing, 1',
      'Bounce, Permanent EmailValidationSuppressed, SES sent nothing, 1',
      'Bounce, Permanent Suppressed, 1',
      'Bounce, Permanent General, simulator, 1',
      'Bounce, Permanent General, 1',
    ])
  })

  test('any order and any repetition of events gives the same counts', () => {
    const all = Array.from({ length: 12 }, (_, nth) => [
      send({ nth, to: ['ada@example.com', `n${nth}@example.org`] }),
      delivery({ nth }),
      nth % 3 === 0 ? bounce('Permanent', 'General', { nth }) : bounce('Transient', 'MailboxFull', { nth }),
      complaint({ nth }),
      open(nth % 2 === 0 ? 'Likely' : 'Unlikely', { nth }),
    ]).flat()
    const truth = new Set(shown(all))
    expect(truth.size).toBeGreaterThan(5)
    fc.assert(
      fc.property(fc.array(fc.nat(all.length - 1), { maxLength: 60 }), fc.func(fc.integer()), (again, rank) => {
        const mixed = [...all, ...again.flatMap((index) => all[index] ?? [])]
          .map((record, index) => ({ record, rank: rank(index) }))
          .sort((one, other) => one.rank - other.rank)
          .map(({ record }) => record)
        expect(new Set(shown(mixed))).toEqual(truth)
      }),
      { numRuns: 30 },
    )
  })
})

describe('domains', () => {
  const domainsOf = (records: readonly object[]): Domains => {
    const domains: Domains = new Map()
    for (const activity of records.flatMap(read)) countDomainInto(domains, activity)
    return domains
  }

  test('a domain has its recipients, hard bounces and complaints, and what SES did not send is in none of them', () => {
    const to = ['ada@example.com', 'bo@example.com', 'cy@example.org']
    const records = [
      send({ to }),
      bounce('Permanent', 'General', { to: ['ada@example.com'] }),
      bounce('Permanent', 'OnAccountSuppressionList', { nth: 2, to: ['bo@example.com'] }),
      bounce('Transient', 'MailboxFull', { nth: 3, to: ['cy@example.org'] }),
      complaint({ nth: 4, to: ['ada@example.com', 'bo@example.com'] }),
      bounce('Permanent', 'General', { nth: 5, to: ['bounce@simulator.amazonses.com'] }),
    ]
    expect(failingOf(domainsOf(records), 10)).toEqual([
      { domain: 'example.com', recipients: 1, bounces: 1, complaints: 1 },
    ])
    expect(domainsOf(records).get('example.org')).toMatchObject({ sent: 1, bounces: 0 })
  })

  test('the domains with the most failures come first, and only so many', () => {
    const failures = ['b.example', 'a.example', 'a.example', 'c.example'].map((domain, nth) =>
      bounce('Permanent', 'General', { nth, to: [`ada@${domain}`] }),
    )
    expect(failingOf(domainsOf(failures), 2).map(({ domain }) => domain)).toEqual(['a.example', 'b.example'])
  })

  test('domains that are too many are counted together, and their sum stays', () => {
    const domains: Domains = new Map(
      Array.from({ length: 9 }, (_, nth) => [`d${nth}.example`, { ...noVolume, sent: 10, bounces: nth }]),
    )
    const limited = limitedDomains(domains, 2)
    expect([...limited]).toEqual([
      ['d8.example', { ...noVolume, sent: 10, bounces: 8 }],
      ['d7.example', { ...noVolume, sent: 10, bounces: 7 }],
      ['(others)', { ...noVolume, sent: 70, bounces: 21 }],
    ])
  })
})

describe('windows', () => {
  const end = new Date('2026-03-31T10:30:00Z')
  const hourMs = 3_600_000
  /** So many hours before the end, this was sent and bounced. */
  const daysWith = (...mail: readonly (readonly [hoursAgo: number, sent: number, bounces: number])[]) =>
    daysOfWindows(end).map((day) => {
      const ofDay = mail.flatMap(([hoursAgo, sent, bounces]) => {
        const at = new Date(end.getTime() - hoursAgo * hourMs)
        return dayOf(at) === day ? [[at.getUTCHours(), { ...noVolume, sent, bounces }] as const] : []
      })
      return { day, hours: new Map(ofDay) }
    })
  const bouncesOf = (windows: ReturnType<typeof windowsOf>) =>
    windows.map(({ days, rates }) => [days, rates.bounces.events, rates.bounces.recipients])

  test('a window has the mail of its hours, over the limits of days, and none of before', () => {
    const days = daysWith(
      [0, 10, 1],
      [24, 100, 2],
      [25, 1_000, 4],
      [168, 10_000, 8],
      [720, 100_000, 16],
      [721, 1_000_000, 32],
    )
    expect(bouncesOf(windowsOf(days, end))).toEqual([
      [1, 3, 110],
      [7, 15, 11_110],
      [30, 31, 111_110],
    ])
    expect(windowsOf(days, end).map(({ from }) => from.toISOString())).toEqual([
      '2026-03-30T10:00:00.000Z',
      '2026-03-24T10:00:00.000Z',
      '2026-03-01T10:00:00.000Z',
    ])
    expect(bouncesOf(windowsOf([], end))).toEqual([
      [1, 0, 0],
      [7, 0, 0],
      [30, 0, 0],
    ])
  })

  test('no window reaches behind the last reinstatement, not even within its hour', () => {
    const days = daysWith([0, 10, 1], [1, 100, 2], [2, 1_000, 4])
    const resumedAt = new Date(end.getTime() - hourMs)
    expect(bouncesOf(windowsOf(days, end, resumedAt))).toEqual([
      [1, 1, 10],
      [7, 1, 10],
      [30, 1, 10],
    ])
    expect(bouncesOf(windowsOf(days, end, new Date('2026-03-31T09:00:00Z')))[0]).toEqual([1, 3, 110])
  })

  test('the worst window counts: a bad day in a good month, and a bad month with a good day', () => {
    const month = (bounces: number) =>
      Array.from({ length: 29 }, (_, day) => [(day + 1) * 24 + 1, 1_000, bounces] as const)
    expect(worstOf(windowsOf(daysWith(...month(0), [0, 1_000, 50]), end))).toBe('critical')
    expect(worstOf(windowsOf(daysWith(...month(25), [0, 1_000, 0]), end))).toBe('warning')
    expect(worstOf(windowsOf(daysWith(...month(0), [0, 1_000, 0]), end))).toBe('good')
    expect(worstOf(windowsOf(daysWith([0, 10, 10]), end))).toBe('unknown')
    expect(worstRateOf(windowsOf(daysWith(...month(0), [0, 1_000, 50]), end))).toEqual({
      kind: 'bounces',
      days: 1,
      standing: 'critical',
      events: 50,
      recipients: 1_000,
      rate: 0.05,
    })
  })

  test.each([
    [0.019_9, 'good'],
    [0.02, 'warning'],
    [0.039_9, 'warning'],
    [0.04, 'critical'],
    [undefined, 'unknown'],
  ] as const)('a bounce rate of %s is %s', (rate, standing) => {
    expect(standingOf({ events: 1, recipients: 1_000, rate }, lines.bounces)).toBe(standing)
  })

  test('the counts of several days are their sum', () => {
    const sentOf = (count: number): Counts => new Map([['Send||', { type: 'Send', count }]])
    expect([...sumOf([sentOf(3), sentOf(4)]).values()].map(({ count }) => count)).toEqual([7])
  })
})

describe('rates', () => {
  const many = (count: number, of: (nth: number) => object, from = 0) =>
    Array.from({ length: count }, (_, nth) => of(from + nth))

  test('a rate is of recipients: hard bounces and complaints, and neither soft bounces nor corrections', () => {
    const records = [
      ...many(1_000, (nth) => send({ nth, to: ['ada@example.com', 'bo@example.com'] })),
      ...many(30, (nth) => bounce('Permanent', 'General', { nth })),
      ...many(50, (nth) => bounce('Transient', 'MailboxFull', { nth }), 100),
      ...many(2, (nth) => complaint({ nth })),
      complaint({ nth: 5 }, 'not-spam'),
    ]
    expect(ratesOf(countsOf(records))).toEqual({
      bounces: { events: 30, recipients: 2_000, rate: 0.015 },
      complaints: { events: 2, recipients: 2_000, rate: 0.001 },
    })
  })

  test('recipients to whom SES sent nothing, and the simulator, are in neither number of a rate', () => {
    const records = [
      ...many(1_100, (nth) => send({ nth })),
      ...many(100, (nth) => bounce('Permanent', 'OnAccountSuppressionList', { nth })),
      ...many(10, (nth) => bounce('Permanent', 'General', { nth }), 200),
      ...many(9, (nth) => send({ nth, to: ['bounce@simulator.amazonses.com'] }), 2_000),
      ...many(9, (nth) => bounce('Permanent', 'General', { nth, to: ['bounce@simulator.amazonses.com'] }), 2_000),
    ]
    expect(ratesOf(countsOf(records)).bounces).toEqual({ events: 10, recipients: 1_000, rate: 0.01 })
  })

  test('there is no rate below the minimum of recipients, and there is one from the minimum on', () => {
    const rateFor = (count: number) =>
      ratesOf(countsOf([...many(count, (nth) => send({ nth })), bounce('Permanent', 'General')])).bounces
    expect(rateFor(999)).toEqual({ events: 1, recipients: 999, rate: undefined })
    expect(rateFor(1_000).rate).toBe(0.001)
    expect(ratesOf(new Map()).complaints).toEqual({ events: 0, recipients: 0, rate: undefined })
  })
})
