/**
 * What the dashboard's server answers to its page, as schemas: the server returns these shapes, and the page parses by them.
 *
 * An address is masked, with a reference in place of it: the page shows an address only after somebody asked for it. Times are ISO 8601 texts.
 * This file imports valibot alone, because it is part of the page.
 */
import * as v from 'valibot'

export const Time = v.string()
const Count = v.number()

/** How something stands, from best to worst. `unknown`: too little is known to judge. */
export const Standing = v.picklist(['unknown', 'good', 'warning', 'critical'])
export type Standing = v.InferOutput<typeof Standing>

/** `rate` is absent if too few recipients were mailed to judge. */
export const Rate = v.object({
  events: Count,
  recipients: Count,
  rate: v.optional(v.number()),
  standing: Standing,
})
export type Rate = v.InferOutput<typeof Rate>

/** One day of a chart. `trend`: the rate of the seven days that end with it. */
const Point = v.object({
  day: v.string(),
  events: Count,
  recipients: Count,
  rate: v.optional(v.number()),
  trend: v.optional(v.number()),
})

const Series = v.object({ bounces: v.array(Point), complaints: v.array(Point) })
export type Series = v.InferOutput<typeof Series>

const Rates = v.object({ bounces: Rate, complaints: Rate })

/** Mail that was sent today. Recipients, without the simulator and what SES did not send. */
const Today = v.object({ sent: Count, delivered: Count, ...Rates.entries })

/** Why nothing of a project is sent. `by` says who holds it, in words. */
const Hold = v.object({ by: v.string(), since: Time, until: v.optional(Time), why: v.string() })

export const ConnectionState = v.picklist(['none', 'waiting', 'proven', 'quarantined'])

const ProjectRow = v.object({
  id: v.string(),
  account: v.string(),
  day: Rates,
  standing: Standing,
  /** Suppressed addresses; `atLeast` if the list is longer than what is read for this. */
  suppressed: v.object({ count: Count, atLeast: v.boolean() }),
  connection: ConnectionState,
  hasActivity: v.boolean(),
  paused: v.boolean(),
  holds: v.array(Hold),
  /** Why no event arrives although the account sends. */
  silence: v.optional(v.string()),
})
export type ProjectRow = v.InferOutput<typeof ProjectRow>

/** What needs a person, the most important first. `to` is the screen that shows more. */
const Attention = v.object({
  standing: v.picklist(['warning', 'critical']),
  subject: v.string(),
  text: v.string(),
  since: v.optional(Time),
  to: v.string(),
  action: v.string(),
})
export type Attention = v.InferOutput<typeof Attention>

export const OverviewAnswer = v.object({
  standing: Standing,
  sentence: v.string(),
  attention: v.array(Attention),
  /** What could not be read, in words. The rest is shown all the same. */
  unread: v.array(v.string()),
  today: Today,
  /** Of the project that stands worst if one is near a limit, else of all together. */
  series: Series,
  seriesOf: v.optional(v.string()),
  projects: v.array(ProjectRow),
})
export type OverviewAnswer = v.InferOutput<typeof OverviewAnswer>

/** One cause of failures in plain words. */
const Cause = v.object({
  type: v.string(),
  detail: v.optional(v.string()),
  title: v.string(),
  advice: v.string(),
  count: Count,
  /** Absent if the events count in a rate. */
  apart: v.optional(v.string()),
})

export const AddressRow = v.object({
  ref: v.string(),
  masked: v.string(),
  state: v.picklist(['clear', 'suppressed']),
  reason: v.optional(v.string()),
  since: v.optional(Time),
})
export type AddressRow = v.InferOutput<typeof AddressRow>

export const ProjectAnswer = v.object({
  project: ProjectRow,
  sentence: v.string(),
  standing: Standing,
  /** Who may lift the holds and how, or what the rates are near to. */
  holdNote: v.optional(v.string()),
  windows: v.array(v.object({ days: Count, ...Rates.entries })),
  series: Series,
  causes: v.array(Cause),
  engagement: v.array(v.object({ type: v.string(), reader: v.string(), count: Count })),
  domains: v.array(v.object({ domain: v.string(), recipients: Count, bounces: Count, complaints: Count })),
  configurationSets: v.array(v.object({ set: v.string(), ...Rates.entries })),
  list: v.object({
    total: Count,
    atLeast: v.boolean(),
    byReason: v.array(v.object({ reason: v.string(), count: Count })),
    growth: v.array(v.object({ day: v.string(), total: Count, added: Count })),
    latest: v.array(AddressRow),
  }),
  /** What AWS itself says about the account, if Sesame has read it. */
  aws: v.optional(v.object({ text: v.string(), at: Time })),
})
export type ProjectAnswer = v.InferOutput<typeof ProjectAnswer>

/** What the page needs to know before it shows a screen. */
export const SessionAnswer = v.object({
  stage: v.string(),
  region: v.string(),
  /** Whether the page may suppress, reinstate, replay, drop and prove. */
  canWrite: v.boolean(),
  by: v.string(),
})
export type SessionAnswer = v.InferOutput<typeof SessionAnswer>

/** Every failed request has this answer. `problem` says what failed, `next` what to do. */
export const ProblemAnswer = v.object({ problem: v.string(), next: v.string() })
export type ProblemAnswer = v.InferOutput<typeof ProblemAnswer>
