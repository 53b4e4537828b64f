/**
 * The events that Sesame publishes on its event bus, with the schema of the `detail` of each. docs/events.md is made from these schemas.
 *
 * `detail` is JSON: a time in it is an ISO 8601 text. Functions import types of this file only, so their bundles do not contain the schemas; the
 * files beside it compose the events.
 */
import * as v from 'valibot'

const id = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{32}$/),
  v.description('The same each time the same event is published'),
)
const time = v.pipe(v.string(), v.isoTimestamp())
const reason = v.picklist(['complaint', 'hard bounce', 'manual', 'soft bounces'])
const project = v.pipe(v.string(), v.description('Id of the project'))
const address = v.pipe(
  v.string(),
  v.description('The address in lower case; an international domain in its ASCII form'),
)
const webhook = v.pipe(v.string(), v.description('Id of the webhook: `wh_3f9a1c2b7d`'))
const count = (text: string) => v.pipe(v.number(), v.integer(), v.minValue(0), v.description(text))
const connection = {
  project,
  account: v.pipe(v.string(), v.regex(/^\d{12}$/), v.description("The customer's AWS account")),
  region: v.pipe(v.string(), v.description('Region of the SES account')),
  at: v.pipe(time, v.description('Time of the proof')),
}

const hold = {
  id,
  project,
  at: v.pipe(time, v.description('Time of the decision')),
  why: v.pipe(v.string(), v.description('The reason in words, with the numbers')),
  rate: v.optional(v.pipe(v.picklist(['bounces', 'complaints']), v.description('The rate that decided, if one did'))),
  days: v.optional(count('Length of its window: 1, 7 or 30')),
  events: v.optional(count('Its hard bounces or complaints')),
  recipients: v.optional(count('Its recipients to whom SES sent')),
}

const feed = {
  project,
  account: connection.account,
  region: connection.region,
  since: v.pipe(time, v.description('End of the last hour with events')),
}
const cause = v.pipe(v.string(), v.description('What the doctor finds, or that it finds nothing'))

/** Detail-type → schema of `detail`. */
export const domainEventSchemas = {
  'Address Suppressed': v.pipe(
    v.strictObject({
      id,
      project,
      address,
      reason: v.pipe(reason, v.description('The most serious of the reasons in force')),
      since: v.pipe(time, v.description('Start of the first reason in force')),
      until: v.optional(v.pipe(time, v.description('Expiry; absent if the address stays suppressed until reinstated'))),
      uncertain: v.pipe(
        v.boolean(),
        v.description('Whether the only evidence is complaints that name several recipients, of whom one complained'),
      ),
    }),
    v.description(
      'An address must not be mailed for a project any more, or its suppression has a new reason or another expiry.',
    ),
  ),
  'Address Reinstated': v.pipe(
    v.strictObject({
      id,
      project,
      address,
      reason: v.pipe(reason, v.description('Reason of the suppression that ended')),
      since: v.pipe(time, v.description('Start of the suppression that ended')),
    }),
    v.description(
      'An address may be mailed again: a person reinstated it, or a not-spam report cancelled a complaint.',
    ),
  ),
  'Suppressions Imported': v.pipe(
    v.strictObject({
      id,
      project,
      source: v.pipe(v.string(), v.description('Where the list comes from: `sendgrid`')),
      begunAt: v.pipe(time, v.description('Start of the import')),
      recorded: count('Addresses with a new ruling'),
      unchanged: count('Rows whose address has a ruling of the same time or a later one'),
      leftOut: count('Rows that an import leaves out'),
      rejected: count('Rows that could not be read'),
    }),
    v.description(
      "A list of another system was imported into the suppression list. No other event follows for its addresses: read the list. The customer's account list follows with the next reconcile.",
    ),
  ),
  'Connection Quarantined': v.pipe(
    v.strictObject({
      ...connection,
      since: v.pipe(time, v.description('Time of the first of the failed proofs')),
      why: v.pipe(v.string(), v.description('The layer that failed, and what its proof found')),
    }),
    v.description(
      'The proof of a connection failed. Sesame uses the connection for nothing but proofs until one passes. The event is published after every failed proof, so a lost event does no harm.',
    ),
  ),
  'Connection Restored': v.pipe(
    v.strictObject(connection),
    v.description('The proof of a quarantined connection passed. Sesame uses the connection again.'),
  ),
  'Feed Silent': v.pipe(
    v.strictObject({ id, ...feed, accepted: count('Recipients to whom SES has sent meanwhile, at least'), cause }),
    v.description(
      'Events of a project have stopped arriving although its account sends mail. The event is published once a day until the feed is repaired, and when the cause is found.',
    ),
  ),
  'Feed Restored': v.pipe(
    v.strictObject({ id, ...feed }),
    v.description('Events of a project whose feed was silent arrive again.'),
  ),
  'Webhook Switched Off': v.pipe(
    v.strictObject({
      id,
      project,
      webhook,
      since: v.pipe(time, v.description('Time of the first of the failed attempts')),
      why: v.pipe(v.string(), v.description('What the last attempt found')),
    }),
    v.description(
      'Every request to a webhook has failed for three days, or its receiver answered 410 Gone. It receives nothing until `sesame webhook resume`. The event can arrive twice.',
    ),
  ),
  'Webhook Test Requested': v.pipe(
    v.strictObject({ id, project, webhook }),
    v.description('An operator tests a webhook. Of all webhooks, only the named one receives it.'),
  ),
  'Project Warned': v.pipe(
    v.strictObject(hold),
    v.description('The bounces or complaints of a project are near the rate at which its mail is held.'),
  ),
  'Project Held': v.pipe(
    v.strictObject({
      ...hold,
      cause: v.pipe(v.picklist(['operator', 'rates', 'ses']), v.description('Who holds: a person, the rates, or SES')),
      until: v.optional(v.pipe(time, v.description('When the hold ends by itself'))),
    }),
    v.description('No mail of a project is sent any more, until it is resumed.'),
  ),
  'Project Resumed': v.pipe(
    v.strictObject({ ...hold, cause: v.pipe(v.picklist(['operator', 'rates']), v.description('Who resumes')) }),
    v.description('The mail of a project is sent again.'),
  ),
  'Unexpected Role Use': v.pipe(
    v.strictObject({
      id,
      role: v.pipe(v.string(), v.description("Name of our role file, or ARN of a customer's role")),
      at: v.pipe(time, v.description('Time of the call; of repeated refusals, start of the ten minutes')),
      why: v.pipe(v.string(), v.description('What is unexpected about it')),
      refused: v.optional(v.pipe(v.string(), v.description("AWS's error code, if the call was refused"))),
      project: v.optional(v.pipe(v.string(), v.description('Id of the project that the session was for, if known'))),
      purpose: v.optional(v.pipe(v.string(), v.description('Purpose of the session, if known'))),
    }),
    v.description(
      "A role was assumed in a way that no function or person is intended to: one of ours, or a customer's by us. The event is also published when a role was refused to one caller five times within ten minutes, and when a customer's role could be assumed with a wrong external id.",
    ),
  ),
} as const

type Schemas = typeof domainEventSchemas

/** One event. `at` becomes its `time`; without it, EventBridge sets the time of arrival. */
export type DomainEvent = {
  [Type in keyof Schemas]: {
    readonly type: Type
    readonly detail: v.InferOutput<Schemas[Type]>
    readonly at?: Date
  }
}[keyof Schemas]
