/**
 * The answer of each operation, as a schema. Operations return these shapes and the CLI parses its answers by them.
 *
 * Lambda turns the answer into JSON on its way to the caller, so each time is a Date on one side and an ISO 8601 text on the other.
 * This file imports no AWS client: the CLI reads answers without one.
 */
import * as v from 'valibot'
import { connectionStates, features, topicOwners } from '../projects/connection.ts'
import { holdCauses } from '../projects/hold-causes.ts'
import { readStoredSettings } from '../projects/project.ts'

/** What an operation returns for a schema: dates may still be Date objects, lists and objects may be read-only. */
export type AnswerOf<Schema extends v.GenericSchema> = Immutable<v.InferInput<Schema>>

type Immutable<T> = T extends Date ? T : T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T

const Time = v.pipe(
  v.union([v.string(), v.date()]),
  v.transform((time) => (typeof time === 'string' ? time : time.toISOString())),
)

/** Why an operation was refused. `at` names the field of the request, or the layer of the connection, that is the cause. */
export const RefusalAnswer = v.object({
  error: v.string(),
  message: v.string(),
  retryable: v.boolean(),
  at: v.optional(v.string()),
})

/** What a function with operations answers to every request: the operation's own answer, or why it was refused. */
export const OperationAnswer = v.object({ done: v.optional(v.unknown()), refused: v.optional(RefusalAnswer) })

const Changed = v.array(v.object({ setting: v.string(), before: v.unknown(), after: v.unknown() }))

/** `add-project`, `set-project`: the settings as they are now. */
export const ProjectAnswer = v.pipe(
  v.looseObject({
    /** Configuration sets, or `*` for the whole account, whose events do not belong to the project before its connection is proven. */
    waitsForProof: v.optional(v.array(v.string())),
    /** What `add-project` changed of a project that was already there. Absent for a new project. */
    changed: v.optional(Changed),
  }),
  v.transform(({ waitsForProof, changed, ...settings }) => ({
    ...readStoredSettings(settings),
    waitsForProof,
    ...(changed && { changed }),
  })),
)

/** `record-import` */
export const ImportRecordedAnswer = v.object({ published: v.boolean() })

const ReasonAnswer = v.object({ since: Time, why: v.string(), until: v.optional(Time) })

/** `hold-project`, `resume-project`: why the mail of the project is not sent, now. */
export const HoldAnswer = v.object({
  holds: v.array(v.object({ cause: v.picklist(holdCauses), ...ReasonAnswer.entries })),
  warning: v.optional(ReasonAnswer),
  resumedAt: v.optional(Time),
  overriddenUntil: v.optional(Time),
})

/** `account-standing`: what SES says about the account of the project. */
export const AccountStandingAnswer = v.object({
  account: v.string(),
  region: v.string(),
  /** HEALTHY, PROBATION, SHUTDOWN, or a value that SES adds. */
  enforcement: v.string(),
  maySend: v.boolean(),
  isInSandbox: v.boolean(),
  sentLast24Hours: v.number(),
  max24HourSend: v.number(),
  /** Rates from 0 to 1, as SES computes them. Absent: the connection lacks the feature `reputation`. A rate is absent if SES has none. */
  reputation: v.optional(v.object({ bounceRate: v.optional(v.number()), complaintRate: v.optional(v.number()) })),
})

/** `recount`: the events that the day has now, and those that could not be read. */
export const RecountAnswer = v.object({
  outcome: v.picklist(['sealed', 'unchanged', 'put off', 'overtaken']),
  events: v.optional(v.number()),
  unreadable: v.optional(v.number()),
})

/** `remove-project`: `removed` is false if there was no such project. */
export const RemoveProjectAnswer = v.object({ removed: v.boolean() })

const ConnectionAnswer = v.object({
  project: v.string(),
  account: v.string(),
  region: v.string(),
  roleArn: v.optional(v.string()),
  externalId: v.string(),
  nextExternalId: v.optional(v.string()),
  topics: v.picklist(topicOwners),
  features: v.array(v.picklist(features)),
  state: v.picklist(connectionStates),
  provenAt: v.optional(Time),
  checkedAt: v.optional(Time),
  quarantine: v.optional(v.object({ since: Time, why: v.string() })),
})

/** Three descriptions of the customer's role: a quick-create link that does not expire, a shell command and Terraform. */
export const OnboardingAnswer = v.object({
  link: v.string(),
  command: v.string(),
  terraform: v.string(),
})

/** `connect`, `rotate`: the connection, and what the customer creates or updates the role with. */
export const ConnectAnswer = v.object({ connection: ConnectionAnswer, onboarding: v.optional(OnboardingAnswer) })

/** `disconnect`: `disconnected` is false if there was no connection; `takenBack` lists what could not be undone. */
export const DisconnectAnswer = v.object({
  disconnected: v.boolean(),
  takenBack: v.optional(v.array(v.string()), []),
})

/** One step of a proof. `paste` is the text that repairs it and may hold the external id. */
export const StepAnswer = v.object({
  step: v.string(),
  verdict: v.picklist(['passed', 'failed', 'skipped', 'unknown']),
  layer: v.string(),
  found: v.string(),
  paste: v.optional(v.string()),
})

/** `prove`: the proof of a connection, step by step. */
export const CheckupAnswer = v.object({
  project: v.string(),
  account: v.string(),
  region: v.string(),
  roleArn: v.optional(v.string()),
  at: Time,
  state: v.picklist(connectionStates),
  conclusion: v.picklist(['passed', 'failed', 'open']),
  why: v.optional(v.string()),
  questions: v.array(v.object({ question: v.string(), answer: v.string(), because: v.string() })),
  steps: v.array(StepAnswer),
})

/** `attach`: the proof of the role. `attached` says whether the role was stored. */
export const AttachAnswer = v.object({ attached: v.boolean(), ...CheckupAnswer.entries })

/** `test-mail`: whether SES accepted the mail. */
export const TestMailAnswer = v.object({ step: StepAnswer })

/** `configure`: what was repaired, what still differs, and the outcome for each identity that was to use the configuration set. */
export const ConfigureAnswer = v.object({
  topics: v.picklist(topicOwners),
  /** Why SES publishes to the customer's own topic although ours were requested. */
  refused: v.optional(v.string()),
  done: v.array(v.string()),
  remaining: v.array(v.object({ kind: v.string(), text: v.string() })),
  defaults: v.array(v.object({ identity: v.string(), outcome: v.string(), set: v.optional(v.string()) })),
})

/** `reconcile`: one slice of the work. `going on`: ask again. `busy`: another reconcile of the account is running. */
export const ReconcileAnswer = v.object({
  state: v.picklist(['finished', 'going on', 'busy', 'skipped', 'stopped']),
  why: v.optional(v.string()),
  counts: v.optional(v.record(v.string(), v.number())),
  steps: v.optional(v.array(v.object({ address: v.string(), what: v.string(), why: v.optional(v.string()) })), []),
})

/** A dead letter: why it failed, and which event it holds. `project` is absent if no project owns the event. */
export const DeadLetterFacts = v.object({
  id: v.string(),
  queue: v.string(),
  /** When it came into the queue. */
  at: Time,
  cause: v.string(),
  project: v.optional(v.string()),
  event: v.string(),
})

/** `list` of manage-dead-letters. `more`: not every letter was seen. */
export const DeadLettersAnswer = v.object({ letters: v.array(DeadLetterFacts), more: v.boolean() })

/** `show`: `content` is the message as JSON, or as text if it is none. */
export const DeadLetterAnswer = v.object({
  letter: v.optional(v.object({ ...DeadLetterFacts.entries, content: v.unknown() })),
  more: v.boolean(),
})

/** `drop`: the letters that were deleted. */
export const DropDeadLettersAnswer = v.object({ dropped: v.array(DeadLetterFacts), more: v.boolean() })

/** `replay`: the outcome of each record of each letter. A letter with a failed record stays in its queue. */
export const ReplayDeadLettersAnswer = v.object({
  results: v.array(
    v.object({
      id: v.string(),
      queue: v.string(),
      project: v.optional(v.string()),
      outcome: v.picklist(['applied', 'ignored', 'failed']),
      why: v.string(),
    }),
  ),
  more: v.boolean(),
})

/** `add`, `rotate` of manage-webhooks. The secret is shown this once. `until`: the former secret is valid until then. */
export const WebhookSecretAnswer = v.object({ id: v.string(), secret: v.string(), until: v.optional(Time) })

/** `resume`, `remove`, `test` of manage-webhooks. `event` names the delivery of a test. */
export const WebhookAnswer = v.object({ id: v.string(), event: v.optional(v.string()) })

/** `changes` of manage-webhooks, oldest first */
export const WebhookChangesAnswer = v.object({
  changes: v.array(
    v.object({
      at: Time,
      by: v.string(),
      request: v.optional(v.string()),
      what: v.string(),
      fields: v.record(v.string(), v.string()),
    }),
  ),
})

/** `list` of manage-webhooks */
export const WebhooksAnswer = v.object({
  webhooks: v.array(
    v.object({
      id: v.string(),
      url: v.string(),
      types: v.array(v.string()),
      addedAt: Time,
      addedBy: v.string(),
      formerUntil: v.optional(Time),
      deliveredAt: v.optional(Time),
      failingSince: v.optional(Time),
      retryAt: v.optional(Time),
      off: v.optional(v.object({ since: Time, why: v.string() })),
    }),
  ),
})

/** `deliveries` of manage-webhooks, the latest first */
export const WebhookDeliveriesAnswer = v.object({
  deliveries: v.array(
    v.object({
      at: Time,
      webhook: v.string(),
      type: v.string(),
      event: v.string(),
      outcome: v.picklist(['delivered', 'waiting', 'given up', 'dropped']),
      attempts: v.number(),
      answer: v.string(),
      triedAt: Time,
    }),
  ),
})

const FoundLetters = v.array(v.object({ id: v.string(), queue: v.string() }))

/** `erase`: how many items of each project were erased, or would be; and the dead letters that were, or that name other people, too. */
export const ErasureAnswer = v.object({
  projects: v.array(
    v.object({
      project: v.string(),
      accountList: v.picklist(['connected', 'quarantined', 'not connected']),
      isBlocked: v.boolean(),
      suppressions: v.number(),
      expiries: v.number(),
      activity: v.number(),
      answers: v.number(),
    }),
  ),
  letters: v.object({ erased: FoundLetters, kept: FoundLetters }),
  next: v.optional(v.string()),
})

/** `erased`: the addresses whose hash refuses mail. */
export const ErasedAnswer = v.object({ erased: v.array(v.object({ address: v.string(), erasedAt: Time })) })
