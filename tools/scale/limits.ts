/**
 * The quotas of AWS that a growing stack meets, and the load at which it meets each. Pure.
 *
 * A quota that AWS raises on request is marked so. Sources: the quota pages of the services, unless a line says otherwise.
 */
import { assumed, atPeak, changesPerDay, feedbackPerDay, type Load } from './load.ts'

export type Limit = {
  readonly what: string
  readonly quota: number
  readonly unit: string
  readonly canBeRaised: boolean
  /** How much of it the load uses, in the unit of the quota. */
  readonly used: (load: Load) => number
  readonly whenReached: string
  readonly source: string
}

/** Measured: an invocation that records one address takes so long, in seconds, most of it waiting. */
const recordSeconds = 0.02

/** The share of all mail that the biggest project sends. */
const biggestShare = 0.2

const biggest = (load: Load): Load => ({
  ...load,
  mailsPerDay: load.mailsPerDay * Math.max(biggestShare, 1 / load.projects),
})

export const limits: readonly Limit[] = [
  {
    what: 'changes of one account list: SES takes one call a second',
    quota: 86_400,
    unit: 'changes a day',
    canBeRaised: false,
    used: (load) => changesPerDay(biggest(load)),
    whenReached:
      'The list of that customer lags; our list and the guard do not. The reconcile goes on where it stopped.',
    source: 'SES quotas: all actions but sending, one request per second',
  },
  {
    what: 'writes of one project: a partition of DynamoDB',
    quota: 1_000,
    unit: 'writes a second',
    canBeRaised: false,
    used: (load) => atPeak(feedbackPerDay(biggest(load))),
    whenReached:
      'DynamoDB splits the partition in some minutes. Until then writes are throttled, tried again by the client and by Lambda, and kept as dead letters if that is not enough.',
    source: 'DynamoDB developer guide, partitions and adaptive capacity',
  },
  {
    what: 'writes of the list: a table in on-demand mode',
    quota: 40_000,
    unit: 'write units a second',
    canBeRaised: true,
    used: (load) => atPeak(feedbackPerDay(load)),
    whenReached:
      'A new table takes 4,000 a second and doubles in 30 minutes. Set a warm throughput before the first day of a big project.',
    source: 'DynamoDB quotas',
  },
  {
    what: 'concurrent executions, all functions together',
    quota: 1_000,
    unit: 'at once',
    canBeRaised: true,
    used: (load) => atPeak(feedbackPerDay(load)) * recordSeconds + atPeak(load.mailsPerDay) * assumed.secondsPerSend,
    whenReached: 'SNS and the queues deliver later, the API answers 429. Counted with all mail sent through the API.',
    source: 'Lambda quotas',
  },
  {
    what: 'requests of the HTTP API',
    quota: 10_000,
    unit: 'requests a second',
    canBeRaised: true,
    used: (load) => atPeak(load.mailsPerDay),
    whenReached: 'Applications get 429 and Retry-After. POST messages/batch takes 50 messages in a request.',
    source: 'API Gateway quotas',
  },
  {
    what: 'events on the bus',
    quota: 10_000,
    unit: 'events a second',
    canBeRaised: true,
    used: (load) => atPeak(changesPerDay(load)),
    whenReached: 'Events wait in the retry queue. Outside the biggest regions the quota is 600 to 2,400.',
    source: 'EventBridge quotas, PutEvents',
  },
  {
    what: 'sessions in customers’ accounts',
    quota: 600,
    unit: 'a second',
    canBeRaised: false,
    // One session per project, hour and execution environment, of which there is one for each second of work in a second.
    used: (load) => (load.projects / 3_600) * Math.max(1, Math.ceil(atPeak(changesPerDay(load)) * 0.1)),
    whenReached: 'STS throttles; sessions are shared for 55 minutes, so the next try finds one.',
    source: 'STS quotas: 600 requests a second for all calls of an account and region together',
  },
  {
    what: 'accounts that one pair of topics admits: a topic policy of 30 KB',
    quota: 2_000,
    unit: 'accounts',
    canBeRaised: false,
    used: ({ projects }) => projects,
    whenReached: 'Deploy more pairs of topics: infra/connected-topics.yml.',
    source: 'SNS quotas; 14 bytes an account',
  },
  {
    what: 'proofs: one run of prove-connections each quarter of an hour',
    quota: 218_000,
    unit: 'connections a day',
    canBeRaised: false,
    used: ({ projects }) => projects,
    whenReached: 'Proofs are later than a day, and an alarm says how many are left.',
    source: 'bench/ISOLATION.md: 100,000 proofs take 370 s of the 810 s of a run',
  },
  {
    what: 'soft suppressions that begin to end on one day: one partition key',
    quota: 1_000,
    unit: 'writes a second',
    canBeRaised: false,
    used: (load) => atPeak(load.mailsPerDay * assumed.softBounces * 0.2),
    whenReached: 'The function that follows the stream is throttled and waits.',
    source: 'DynamoDB developer guide; a fifth of the soft bounces is taken to suppress',
  },
]

/** The limits of a load, the one that is reached first at the head. A share of 1 is the whole quota. */
export const sharesOf = (load: Load): { readonly limit: Limit; readonly share: number }[] =>
  limits
    .map((limit) => ({ limit, share: limit.used(load) / limit.quota }))
    .sort((one, other) => other.share - one.share)
