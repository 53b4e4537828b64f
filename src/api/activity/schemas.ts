/** Requests and answers of the routes about activity. */
import * as v from 'valibot'

const Day = v.pipe(
  v.string(),
  v.isoDate('must be a day such as 2026-03-01'),
  v.description('A day of UTC'),
  v.examples(['2026-03-01']),
)
const Time = v.pipe(v.string(), v.isoTimestamp('must be a time of RFC 3339'))
const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const ReportQuery = v.strictObject({
  from: v.optional(v.pipe(Day, v.description('First day on which the mail was sent; 30 days up to `to` if absent'))),
  to: v.optional(v.pipe(Day, v.description('Last day; today if absent'))),
})

const Rate = v.object({
  events: Count,
  recipients: v.pipe(Count, v.description('Recipients to whom SES sent')),
  rate: v.optional(v.pipe(v.number(), v.description('Absent if too few were sent for a rate'))),
})
const Rates = v.object({ bounces: Rate, complaints: Rate })
const Line = v.object({ warning: v.number(), critical: v.number() })
const Standing = v.picklist(['unknown', 'good', 'warning', 'critical'])
const Volume = v.object({
  sent: Count,
  delivered: Count,
  hardBounces: Count,
  softBounces: Count,
  complaints: Count,
  delays: Count,
  rejected: Count,
  notSent: v.pipe(Count, v.description('What SES itself did not send: in no rate')),
})
const Reason = v.object({ since: Time, why: v.string() })

export const ReportAnswer = v.object({
  project: v.string(),
  from: Day,
  to: Day,
  madeAt: Time,
  standing: v.pipe(Standing, v.description('Of the worst rate of the last 24 hours, 7 and 30 days')),
  judging: v.object({
    lines: v.object({ bounces: Line, complaints: Line }),
    minimumRecipients: v.pipe(Count, v.description('Below, there is no rate')),
  }),
  rates: Rates,
  ratesBefore: v.pipe(Rates, v.description('Of as many days before the period')),
  windows: v.array(
    v.object({
      days: Count,
      from: Time,
      rates: Rates,
      standings: v.object({ bounces: Standing, complaints: Standing }),
    }),
  ),
  volume: Volume,
  volumeBefore: Volume,
  days: v.array(
    v.object({
      day: Day,
      sent: Count,
      delivered: Count,
      hardBounces: Count,
      complaints: Count,
      bounceRate: v.optional(v.number()),
      bounceTrend: v.optional(v.pipe(v.number(), v.description('Of the seven days that end with this day'))),
      complaintRate: v.optional(v.number()),
      complaintTrend: v.optional(v.number()),
      isExact: v.pipe(v.boolean(), v.description('Whether every event that arrived is in the numbers')),
    }),
  ),
  failingDomains: v.array(v.object({ domain: v.string(), recipients: Count, bounces: Count, complaints: Count })),
  causes: v.array(
    v.object({
      type: v.string(),
      detail: v.optional(v.string()),
      title: v.string(),
      advice: v.string(),
      count: Count,
      apart: v.optional(v.pipe(v.string(), v.description('Why it is in no rate'))),
    }),
  ),
  engagement: v.array(v.object({ type: v.string(), reader: v.string(), count: Count })),
  list: v.object({
    total: Count,
    isPart: v.pipe(v.boolean(), v.description('The list is longer than what was read')),
    byReason: v.record(v.string(), Count),
    days: v.array(v.object({ day: Day, added: Count, total: Count })),
  }),
  health: v.array(
    v.object({
      of: v.picklist(['connection', 'proof', 'feed', 'role']),
      state: v.picklist(['good', 'warning', 'critical']),
      text: v.string(),
    }),
  ),
  hold: v.object({
    holds: v.array(
      v.object({
        cause: v.picklist(['operator', 'ses', 'rates']),
        since: Time,
        why: v.string(),
        until: v.optional(Time),
      }),
    ),
    warning: v.optional(Reason),
    overriddenUntil: v.optional(Time),
  }),
  counts: v.array(
    v.object({ type: v.string(), detail: v.optional(v.string()), apart: v.optional(v.string()), count: Count }),
  ),
})

export const MessageId = v.pipe(
  v.string(),
  v.regex(/^[\w-]{1,128}$/, 'must be the id that SES returned for the message'),
  v.description('The id that SES returned'),
  v.examples(['0100018f30c2f577-d9dae0a3-2d5f-4b48-8f0f-a63d1b3ea63d-000000']),
)

export const TimelineQuery = v.strictObject({
  day: v.optional(v.pipe(Day, v.description('The day on which it was sent; the day in the id if absent'))),
})

const entry = {
  at: Time,
  type: v.string(),
  detail: v.optional(v.string()),
  bot: v.optional(
    v.pipe(v.picklist(['Likely', 'Unlikely']), v.description('Whether SES takes the reader for a machine')),
  ),
}

export const TimelineAnswer = v.strictObject({
  events: v.pipe(
    v.array(v.strictObject({ ...entry, recipient: v.optional(v.string()) })),
    v.description('Oldest first; none if nothing is stored about the message'),
  ),
})

export const RecipientRequest = v.strictObject({
  address: v.pipe(
    v.string(),
    v.minLength(1, 'must have at least 1 characters'),
    v.maxLength(2_048, 'must have 2048 characters at most'),
    v.description('An address, with or without a display name'),
    v.examples(['a@example.com']),
  ),
})

export const RecipientAnswer = v.strictObject({
  address: v.string(),
  events: v.pipe(
    v.array(v.strictObject({ ...entry, messageId: v.string() })),
    v.description(
      'The latest first, at most 1,000: what did not arrive or was not wanted, and everything if the project keeps it of every recipient',
    ),
  ),
})
