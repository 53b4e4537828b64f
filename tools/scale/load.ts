/** A load: how much mail and how many projects, and what follows from that. */

export type Load = { readonly mailsPerDay: number; readonly projects: number }

/**
 * What is assumed of mail. AWS reviews an account at 5 % hard bounces and 0.1 % complaints, so a load that is worse does not last.
 */
export const assumed = {
  /** Of the recipients of all mails. */
  hardBounces: 0.01,
  softBounces: 0.005,
  complaints: 0.0002,
  /** Send and Delivery, the events of the setting `delivery`. */
  activityEvents: 2,
  /** Messages in a batch of the queue of activity: up to 50, and fewer when it is quiet. */
  activityBatch: 20,
  /** The busiest second of a day has so many times the mail of the average second. */
  peak: 10,
  /** Seconds: an invocation waits for its requests one after another. */
  secondsPerRequest: 0.01,
  secondsPerSend: 0.2,
  /** Of a function, in GB: provider.memorySize of serverless.yml. */
  memoryGb: 0.25,
  /** Bytes that a line of log takes. */
  logBytes: 160,
  daysPerMonth: 30,
} as const

export const loads: readonly Load[] = [
  { mailsPerDay: 1_000_000, projects: 10 },
  { mailsPerDay: 100_000_000, projects: 1_000 },
  { mailsPerDay: 10_000_000_000, projects: 100_000 },
]

/** Feedback events of a day: each is a message of SNS and an address. */
export const feedbackPerDay = ({ mailsPerDay }: Load): number =>
  mailsPerDay * (assumed.hardBounces + assumed.softBounces + assumed.complaints)

/** Changes of the list in a day: soft bounces change it only after some days. */
export const changesPerDay = ({ mailsPerDay }: Load): number => mailsPerDay * (assumed.hardBounces + assumed.complaints)

/** In the busiest second. */
export const atPeak = (perDay: number): number => (perDay / 86_400) * assumed.peak
